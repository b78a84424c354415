--- What a control is about, in a window.
local clients = require('fsbp.clients')
local config = require('fsbp.config')
local findings = require('fsbp.findings')
local messages = require('fsbp.messages')

local M = {}

--- Ids to choose from: of the findings at the cursor, else the word under it (an ignore comment, fsbp.toml).
local function at_cursor(bufnr)
  local seen, ids = {}, {}
  for _, diagnostic in ipairs(findings.at_cursor(bufnr)) do
    if not seen[diagnostic.code] then
      seen[diagnostic.code] = true
      table.insert(ids, diagnostic.code)
    end
  end
  if #ids == 0 then
    local id = vim.fn.expand('<cWORD>'):match('%a%w*%.%d+')
    ids = { id }
  end
  return ids
end

--- @param id string|nil
--- @param mods string|nil modifiers of the command
function M.show(id, mods)
  local bufnr = vim.api.nvim_get_current_buf()
  local client = clients.need(bufnr, true)
  if not client then
    return
  end
  local ids = id and id ~= '' and { id } or at_cursor(bufnr)
  if #ids == 0 then
    config.say('no finding and no id of a control at the cursor', vim.log.levels.WARN)
    return
  end
  findings.pick(ids, 'Explain', tostring, function(chosen)
    messages.quiet = messages.quiet + 1
    clients.execute(client, 'fsbp.explain', { chosen }, function(err, result)
      messages.quiet = messages.quiet - 1
      if err or type(result) ~= 'table' then
        config.say(('there is no control "%s"'):format(chosen), vim.log.levels.WARN)
        return
      end
      require('fsbp.page').show(result.id, result.markdown, 'markdown', mods)
    end)
  end)
end

return M
