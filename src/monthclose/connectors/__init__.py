"""The neighbors a close reads from: ERPs, central banks, files of the tax office."""
