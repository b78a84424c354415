-- For `vim.lsp.enable('fsbp')` of Neovim 0.11 and later.
return require('fsbp.config').native()
