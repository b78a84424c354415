--- AWS Security Hub controls for Terraform and CloudFormation, while you type. `:help fsbp`.
local config = require('fsbp.config')
local clients = require('fsbp.clients')

local M = {}

--- Start the server for the buffers it is for, those open now included.
--- @param options table|nil `:help fsbp-setup`
function M.setup(options)
  config.set(options)
  require('fsbp.commands').create()
  local native = vim.fn.has('nvim-0.11') == 1 and vim.lsp.enable ~= nil
  if native then
    vim.lsp.config('fsbp', config.native())
    vim.lsp.enable('fsbp')
  end
  -- Neovim 0.11 looks for exact names of filetypes; patterns are ours there.
  local patterns = vim.tbl_filter(function(name)
    return not native or name:find('*', 1, true) ~= nil
  end, config.options.filetypes)
  local group = vim.api.nvim_create_augroup('fsbp', { clear = true })
  if #patterns > 0 then
    vim.api.nvim_create_autocmd('FileType', {
      group = group,
      pattern = patterns,
      desc = 'Start fsbp-lsp',
      callback = function(event)
        clients.start(event.buf)
      end,
    })
  end
  for _, bufnr in ipairs(vim.api.nvim_list_bufs()) do
    if vim.api.nvim_buf_is_loaded(bufnr) and config.matches(vim.bo[bufnr].filetype) then
      clients.start(bufnr)
    end
  end
end

--- Apply every safe fix of a buffer.
--- @param options table|nil bufnr: default the current one; wait: milliseconds to wait for the edit, for use before a write
function M.fix_all(options)
  require('fsbp.fix').buffer(options)
end

--- Show what a control is about.
--- @param id string|nil default: the control of the finding at the cursor
function M.explain(id)
  require('fsbp.explain').show(id)
end

--- Ignore a finding at the cursor, with a reason and a date that are asked for.
--- @param options table|nil file: true for the whole file
function M.ignore(options)
  require('fsbp.ignore').ask(options)
end

return M
