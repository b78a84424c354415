--- What the server says: its log is kept, and what the plugin shows itself is not shown twice.
local M = {}

local KEPT = 500
local KINDS = { 'error', 'warning', 'info', 'log' }

M.log = {} -- the last lines of window/logMessage
M.quiet = 0 -- above 0 while an explanation is asked for

local function inherited(method, ...)
  local handler = vim.lsp.handlers[method]
  if handler then
    return handler(...)
  end
end

function M.handlers()
  return {
    ['window/logMessage'] = function(err, message, ctx, ...)
      if message then
        local kind = KINDS[message.type] or tostring(message.type)
        table.insert(M.log, ('%s %-7s %s'):format(os.date('%H:%M:%S'), kind, message.message))
        if #M.log > KEPT then
          table.remove(M.log, 1)
        end
      end
      return inherited('window/logMessage', err, message, ctx, ...)
    end,
    -- For an explanation the server opens AWS's page in a browser, or a message box: here a window shows it.
    ['window/showDocument'] = function(err, params, ctx, ...)
      if M.quiet > 0 and params.external then
        return { success = true }
      end
      return inherited('window/showDocument', err, params, ctx, ...)
    end,
    ['window/showMessage'] = function(err, params, ctx, ...)
      if M.quiet > 0 and params.type == 3 then
        return
      end
      return inherited('window/showMessage', err, params, ctx, ...)
    end,
  }
end

return M
