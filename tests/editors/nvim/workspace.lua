-- Several files: a finding that another file removes, templates, fix all and check of the workspace.
local T = dofile(vim.env.FSBP_DRIVER)

T.run(function()
  T.start({ settings = { severity = { ['ECR.1'] = 'hint' } } })
  local main = T.open('main.tf')
  T.count('ECR.1', 1)
  if vim.env.FSBP_START ~= 'enable' then
    T.check('settings reach the server', T.findings('ECR.1')[1].severity == vim.diagnostic.severity.HINT)
  end
  T.count('ECR.3', 1)

  -- The companion is typed into another file.
  T.open('lifecycle.tf')
  vim.api.nvim_buf_set_lines(0, 0, -1, false, {
    'resource "aws_ecr_lifecycle_policy" "images" {',
    '  repository = aws_ecr_repository.images.name',
    '  policy     = "{}"',
    '}',
  })
  vim.bo.filetype = 'terraform'
  vim.cmd('buffer ' .. main)
  T.count('ECR.3', 0)
  T.check('one client for both files', #T.clients() == 1)

  -- A template, under a filetype of its own.
  local template = T.open('template.yaml')
  T.check('its filetype', vim.bo.filetype == 'yaml')
  vim.bo.filetype = 'yaml.cloudformation'
  T.count('ECR.1', 1)

  -- Fix all in the workspace: every file, none of them written.
  vim.cmd('FsbpFixAll!')
  T.told('2 findings fixed in 2 files')
  T.check('the template', T.text():find('ScanOnPush: true', 1, true))
  T.check('the module', table.concat(vim.api.nvim_buf_get_lines(main, 0, -1, false)):find('scan_on_push = true', 1, true))
  T.check('nothing is written', vim.bo[main].modified and vim.bo[template].modified)

  -- Check of the workspace: files that are not open as well.
  vim.cmd('FsbpCheckWorkspace')
  T.told('modules checked')
  T.check('the list is ours', vim.fn.getqflist({ title = 1 }).title == 'fsbp')
  local names = vim.tbl_map(function(item)
    return vim.fn.fnamemodify(vim.api.nvim_buf_get_name(item.bufnr), ':h:t')
  end, vim.fn.getqflist())
  T.check('it has what is not open', vim.tbl_contains(names, 'other'))
  vim.cmd('cclose')

  -- The configuration: a client for it and not for other files in TOML.
  local configuration = T.open('fsbp.toml')
  T.wait('the configuration has the client', function()
    local client = T.clients()[1]
    return client and client.attached_buffers[configuration]
  end)
  local other = T.open('cargo.toml')
  vim.wait(300)
  T.check('other TOML has not', not T.clients()[1].attached_buffers[other])
end)
