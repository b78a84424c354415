-- Set up as docs/editors.md says, by Neovim itself (FSBP_SPEC is empty) or by what a plugin manager does with the page's block.
local T = dofile(vim.env.FSBP_DRIVER)

T.run(function()
  vim.cmd('filetype plugin on')
  local kind, text = vim.env.FSBP_START, vim.env.FSBP_SPEC
  if kind == 'lazy' then
    local spec = assert(loadstring('return ' .. text))()
    spec.config({ dir = vim.env.FSBP_CLONE })
  elseif kind == 'packer' then
    function use(spec)
      vim.opt.runtimepath:append(vim.env.FSBP_CLONE .. '/' .. spec.rtp)
      spec.config()
    end
    assert(loadstring(text))()
  elseif kind == 'enable' then
    vim.opt.runtimepath:append(vim.env.FSBP_CLONE .. '/editors/nvim')
    assert(loadstring(text))()
  end
  T.open('main.tf')
  T.count('ECR.1', 1)
  if kind ~= 'enable' then
    vim.cmd('FsbpFixAll')
    T.count('ECR.1', 0)
  end
end)
