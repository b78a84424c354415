-- :checkhealth fsbp, with a server and several buffers, and without a server.
local T = dofile(vim.env.FSBP_DRIVER)

local function health()
  vim.cmd('checkhealth fsbp')
  local text = T.text()
  T.say(text)
  vim.cmd('bwipeout')
  return text
end

local function says(text, ...)
  for _, part in ipairs({ ... }) do
    T.check('health says: ' .. part, text:find(part, 1, true))
  end
end

T.run(function()
  vim.cmd('filetype plugin on')
  local fsbp = require('fsbp')

  -- Without a server: said once, not for each file.
  fsbp.setup({ cmd = 'no-such-server', filetype = {} })
  T.told('there is no option "filetype"')
  T.open('main.tf')
  T.told('no-such-server cannot be run; nothing is checked (:checkhealth fsbp)')
  local told = #T.said
  T.open('template.yaml')
  vim.wait(300)
  T.check('not said again', #T.said == told)
  vim.cmd('FsbpFixAll')
  T.told('no-such-server cannot be run (:checkhealth fsbp)')
  says(health(), 'ERROR', 'no-such-server cannot be run', 'pipx install fsbp-lsp', 'no server is running', 'no client is attached')

  -- With the one on the PATH; buffers that are open are checked from now on.
  fsbp.setup({ settings = { showUnknown = true } })
  T.wait('a client for the open files', function()
    local client = T.clients()[1]
    return client and vim.tbl_count(client.attached_buffers) == 2
  end)
  T.open('notes.yaml')
  T.open('main.tofu')
  vim.bo.filetype = 'conf'
  vim.cmd('buffer main.tf')
  T.count('ECR.1', 1)
  vim.api.nvim_buf_set_lines(0, 1, 2, false, { '  image_tag_mutability = var.mutability' })
  T.count('ECR.2', 1)
  T.check('what is not decided is a hint', T.findings('ECR.2')[1].severity == vim.diagnostic.severity.HINT)
  T.check('and no finding', #require('fsbp.findings').all(0) == 2)
  local text = health()
  says(text, 'Neovim ' .. vim.version().major .. '.' .. vim.version().minor, 'fsbp-lsp', 'it checks its built-in file', 'Python 3.')
  says(text, 'main.tf: Terraform, 2 findings', 'template.yaml: CloudFormation template')
  says(text, 'notes.yaml: not checked: neither Terraform nor a CloudFormation template by its content')
  says(text, 'main.tofu: not checked: its filetype is "conf"')
  T.check('health has no error', not text:find('ERROR', 1, true))
end)
