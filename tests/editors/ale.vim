" Drives the server with Vim and ALE. Run by test_editors.py:
" vim -Nu NONE -n -i NONE -es -S ale.vim, with FSBP_PYTHON, FSBP_FILE, FSBP_OUT; the answers to ALE's numbered
" prompts come on stdin: the first entry is the best fix, the last one (after two for ignoring) fix all.
set nocompatible nomore
filetype plugin on
let g:ale_linters_explicit = 1
let g:ale_disable_lsp = 0
let g:ale_virtualtext_cursor = 0
let g:ale_lsp_suggestions = 1
silent! packadd ale
let g:said = []
function! Leave(code) abort
  call writefile(g:said, $FSBP_OUT)
  if a:code | cquit! | else | qall! | endif
endfunction
function! Wait(what, holds) abort
  let l:left = 600
  while !eval(a:holds)
    let l:left -= 1
    if l:left < 0
      call add(g:said, 'FAIL waited for ' . a:what)
      call add(g:said, string(ale#engine#GetLoclist(bufnr())))
      call Leave(1)
    endif
    sleep 50m
  endwhile
  call add(g:said, 'ok ' . a:what)
endfunction
function! Found(text) abort
  return !empty(filter(copy(ale#engine#GetLoclist(bufnr())), {_, it -> stridx(it.text, a:text) >= 0}))
endfunction
if !exists(':ALELint')
  call add(g:said, 'SKIP no ALE')
  call Leave(0)
endif
call ale#linter#Define('terraform', {
\ 'name': 'fsbp', 'lsp': 'stdio', 'executable': $FSBP_PYTHON, 'command': '%e -m fsbp_lsp.server',
\ 'language': 'terraform', 'project_root': {buffer -> fnamemodify(bufname(buffer), ':p:h')} })
let g:ale_linters = {'terraform': ['fsbp']}
execute 'edit ' . fnameescape($FSBP_FILE)
set filetype=terraform
ALEEnable
ALELint
call Wait('the finding', 'Found("scan_on_push is false")')
call cursor(search('scan_on_push'), 22)
ALECodeAction
call Wait('the fix', 'search("scan_on_push = true", "nw") > 0')
ALELint
call Wait('the finding to go', '!Found("scan_on_push is false")')
silent %substitute/scan_on_push = true/scan_on_push = false/
silent execute '1,$copy $ | 7,$substitute/images/charts/'
ALELint
call Wait('a finding in each of two blocks', 'len(filter(copy(ale#engine#GetLoclist(bufnr())), {_, it -> stridx(it.text, "scan_on_push is false") >= 0})) == 2')
call cursor(4, 22)
ALECodeAction
call Wait('both fixed', 'join(getline(1, "$")) =~# "scan_on_push = true.*scan_on_push = true"')
ALELint
call Wait('both to go', '!Found("scan_on_push is false")')
call add(g:said, 'PASS')
call Leave(0)
