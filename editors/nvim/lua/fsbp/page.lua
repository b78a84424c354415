--- A text to read, in a window of its own that goes away like any other (`:q`).
local M = {}

--- @param name string buffer name behind fsbp://; a window that shows it already is used again
--- @param text string|string[]
--- @param filetype string|nil
--- @param mods string|nil modifiers of the command: vertical, tab
function M.show(name, text, filetype, mods)
  local lines = type(text) == 'table' and text or vim.split(text, '\n', { plain = true })
  local full = 'fsbp://' .. name
  local bufnr = vim.fn.bufnr('^' .. vim.fn.escape(full, '.') .. '$')
  local window = bufnr ~= -1 and vim.fn.bufwinid(bufnr) or -1
  if window ~= -1 then
    vim.api.nvim_set_current_win(window)
  else
    vim.cmd((mods or '') .. ' new')
    bufnr = vim.api.nvim_get_current_buf()
    vim.api.nvim_buf_set_name(bufnr, full)
    local options = vim.bo[bufnr]
    options.buftype, options.bufhidden, options.swapfile, options.buflisted = 'nofile', 'wipe', false, false
    vim.wo.wrap, vim.wo.linebreak = true, true
    options.filetype = filetype or ''
  end
  vim.bo[bufnr].modifiable = true
  vim.api.nvim_buf_set_lines(bufnr, 0, -1, false, lines)
  vim.bo[bufnr].modifiable = false
  vim.bo[bufnr].modified = false
  vim.api.nvim_win_set_cursor(0, { 1, 0 })
  return bufnr
end

return M
