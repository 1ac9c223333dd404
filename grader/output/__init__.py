"""How a Report looks: one module per format. They import the model and make words; nothing here decides anything."""
