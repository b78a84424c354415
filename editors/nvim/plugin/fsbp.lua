-- Sourced at start: the commands and nothing else. What they need is loaded when one of them runs.
if vim.fn.has('nvim-0.7') == 0 then
  vim.cmd([[echohl WarningMsg | echomsg 'fsbp: Neovim 0.7 or later is needed' | echohl None]])
  return
end
require('fsbp.commands').create()
