--- Findings at the cursor, as Neovim's diagnostics.
local M = {}

local function ours(bufnr, line)
  return vim.tbl_filter(function(diagnostic)
    return diagnostic.source == 'fsbp' and type(diagnostic.code) == 'string'
  end, vim.diagnostic.get(bufnr, line and { lnum = line } or nil))
end

--- What counts as a finding, in a buffer or in all: not what the server shows as undecided (option showUnknown).
function M.all(bufnr)
  return vim.tbl_filter(function(diagnostic)
    local sent = (diagnostic.user_data or {}).lsp or {}
    return diagnostic.source == 'fsbp' and not (sent.data or {}).undecided
  end, vim.diagnostic.get(bufnr))
end

local function holds(diagnostic, line, column)
  local after_start = line > diagnostic.lnum or (line == diagnostic.lnum and column >= diagnostic.col)
  local last, last_column = diagnostic.end_lnum or diagnostic.lnum, diagnostic.end_col or diagnostic.col
  local before_end = line < last or (line == last and column <= last_column)
  return after_start and before_end
end

--- Findings under the cursor; when there are none, those that begin on its line.
function M.at_cursor(bufnr)
  local position = vim.api.nvim_win_get_cursor(0)
  local line, column = position[1] - 1, position[2]
  local found = vim.tbl_filter(function(diagnostic)
    return holds(diagnostic, line, column)
  end, ours(bufnr))
  return #found > 0 and found or ours(bufnr, line)
end

--- Ids of controls with findings in a buffer, sorted, each once.
function M.controls(bufnr)
  local seen, ids = {}, {}
  for _, diagnostic in ipairs(ours(bufnr)) do
    if not seen[diagnostic.code] then
      seen[diagnostic.code] = true
      table.insert(ids, diagnostic.code)
    end
  end
  table.sort(ids)
  return ids
end

--- Calls `done` with one of them: at once when there is no choice, else with what the user picks.
--- @param show fun(item: any): string
function M.pick(items, prompt, show, done)
  if #items == 1 then
    return done(items[1])
  end
  vim.ui.select(items, { prompt = prompt, format_item = show }, function(item)
    if item ~= nil then
      done(item)
    end
  end)
end

return M
