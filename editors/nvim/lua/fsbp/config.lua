--- What a client is started with: the server, its settings, the buffers it is for.
local M = {}

--- All of these may be given to `setup()`.
M.defaults = {
  --- @type string[]|nil command and arguments; nil: `fsbp-lsp` from the PATH or from ~/.local/bin
  cmd = nil,
  --- @type string[] a `*` stands for anything: yaml.cloudformation, yaml.sam
  filetypes = {
    'terraform',
    'tf',
    'terraform-vars',
    'opentofu',
    'opentofu-vars',
    'yaml',
    'yaml.*',
    'json',
    'json.*',
    'jsonc',
    'cloudformation',
    'toml', -- only the configuration files
  },
  --- @type string[] the first of these that stands in a folder above the file marks the root
  root_markers = { 'fsbp.toml', '.fsbp.toml', '.git' },
  --- @type table options of the server: docs/editors.md, "Options"
  settings = {},
  --- @type table|nil capabilities of a completion plugin
  capabilities = nil,
  --- @type fun(client: table, bufnr: integer)|nil
  on_attach = nil,
}

M.options = vim.deepcopy(M.defaults)

--- Take what a user gave; complains about what is not an option instead of leaving it without effect.
function M.set(given)
  given = given or {}
  M.options = vim.tbl_extend('force', vim.deepcopy(M.defaults), given)
  if type(M.options.cmd) == 'string' then
    M.options.cmd = { M.options.cmd }
  end
  local known = { cmd = true, capabilities = true, on_attach = true }
  for name in pairs(M.defaults) do
    known[name] = true
  end
  for name in pairs(given) do
    if not known[name] then
      M.say(('setup: there is no option "%s" (:help fsbp-setup)'):format(name), vim.log.levels.WARN)
    end
  end
end

function M.say(message, level)
  vim.notify('fsbp: ' .. message, level or vim.log.levels.INFO)
end

--- The server's command; nil and why when there is none.
--- @param given string[]|function|nil a command of `vim.lsp.config`, which comes before the one of `setup()`
function M.server(given)
  given = type(given) == 'table' and given or M.options.cmd
  if given then
    if vim.fn.executable(given[1]) == 1 then
      return given
    end
    return nil, given[1] .. ' cannot be run'
  end
  -- A Neovim that was not started from a shell often lacks the folder where pipx and uv put programs.
  for _, place in ipairs({ 'fsbp-lsp', vim.fn.expand('~/.local/bin/fsbp-lsp') }) do
    if vim.fn.executable(place) == 1 then
      return { place }
    end
  end
  return nil, 'fsbp-lsp is not on the PATH'
end

--- Folder of the first marker that stands above a file, in the order of the markers; nil when there is none.
function M.root(bufnr, markers)
  local name = vim.api.nvim_buf_get_name(bufnr)
  for _, marker in ipairs(markers or M.options.root_markers) do
    local folder = vim.fn.fnamemodify(name, ':p:h')
    while true do
      if vim.loop.fs_stat(folder .. '/' .. marker) then
        return folder
      end
      local above = vim.fn.fnamemodify(folder, ':h')
      if above == folder then
        break
      end
      folder = above
    end
  end
end

--- Whether a filetype is one of the patterns.
function M.matches(filetype, patterns)
  for _, pattern in ipairs(patterns or M.options.filetypes) do
    if pattern == filetype or (pattern:sub(-2) == '.*' and vim.startswith(filetype, pattern:sub(1, -2))) then
      return true
    end
  end
  return false
end

--- Files in TOML that the server completes and explains; it has nothing to say about others.
local CONFIGURATIONS = { ['fsbp.toml'] = true, ['.fsbp.toml'] = true, ['pyproject.toml'] = true }

--- Why a buffer is nothing for the server, whatever its filetype; nil when it is something.
function M.unsuitable(bufnr)
  local options = vim.bo[bufnr]
  if options.buftype ~= '' then
    return 'it is not a file (buftype ' .. options.buftype .. ')'
  end
  local name = vim.api.nvim_buf_get_name(bufnr)
  if name == '' then
    return 'it has no name'
  end
  if name:match('^%w[%w+.-]+://') then
    return 'it is not on this disk'
  end
  if options.filetype == 'toml' and not CONFIGURATIONS[vim.fn.fnamemodify(name, ':t')] then
    return 'it is no configuration of fsbp'
  end
end

--- Why no client is started for a buffer; nil when one is.
function M.refusal(bufnr)
  local why = M.unsuitable(bufnr)
  if why then
    return why
  end
  if not M.matches(vim.bo[bufnr].filetype) then
    return ('its filetype is "%s", which is not among those fsbp is for (:help fsbp-filetypes)'):format(vim.bo[bufnr].filetype)
  end
end

--- Neovim does these things in every version and announces them in none, or only in later ones.
local function capabilities()
  return vim.tbl_deep_extend('force', vim.lsp.protocol.make_client_capabilities(), M.options.capabilities or {}, {
    textDocument = { publishDiagnostics = { codeDescriptionSupport = true, dataSupport = true } },
    workspace = { executeCommand = { dynamicRegistration = false } },
    experimental = { fsbpAskIgnore = true }, -- the command below
  })
end

--- The configuration of a client, without a root: what all versions of Neovim understand.
function M.client()
  local messages = require('fsbp.messages')
  return {
    name = 'fsbp',
    cmd = M.server() or M.options.cmd or { 'fsbp-lsp' },
    -- Without a value the section stays away: Neovim would send an empty one as a list.
    settings = next(M.options.settings) and { fsbp = M.options.settings } or {},
    capabilities = capabilities(),
    handlers = messages.handlers(),
    commands = {
      ['fsbp.explain'] = function(command)
        require('fsbp.explain').show(command.arguments[1])
      end,
      ['fsbp.askIgnore'] = function(command, context)
        require('fsbp.ignore').finding(vim.lsp.get_client_by_id(context.client_id), command.arguments[1])
      end,
    },
    before_init = function(params, config)
      -- The same as `settings`: versions that do not answer workspace/configuration have no other way.
      local settings = (config.settings or {}).fsbp or {}
      params.initializationOptions = next(settings) and settings or vim.empty_dict()
    end,
    on_attach = M.options.on_attach,
  }
end

local missing_told = false

--- Says once that there is no server.
function M.missing(why)
  if not missing_told then
    missing_told = true
    M.say(why .. '; nothing is checked (:checkhealth fsbp)', vim.log.levels.WARN)
  end
end

--- The configuration for `vim.lsp.config` (Neovim 0.11).
function M.native()
  local config = M.client()
  if not M.server() then
    -- Neovim would refuse the whole configuration, silently. This waits for a server, and `root_dir` says that there is none.
    config.cmd = function(dispatchers)
      return vim.lsp.rpc.start(M.server() or { 'fsbp-lsp' }, dispatchers)
    end
  end
  -- Exact names only: `setup()` starts the client for the patterns.
  config.filetypes = vim.tbl_filter(function(name)
    return not name:find('*', 1, true)
  end, M.options.filetypes)
  vim.list_extend(config.filetypes, { 'yaml.cloudformation', 'json.cloudformation' })
  config.root_markers = M.options.root_markers
  config.root_dir = function(bufnr, start)
    if M.unsuitable(bufnr) then
      return
    end
    local now = vim.lsp.config.fsbp
    local found, why = M.server(now.cmd)
    if found then
      start(M.root(bufnr, now.root_markers))
    else
      M.missing(why)
    end
  end
  return config
end

return M
