#!/usr/bin/env python3
"""Removes one guard of the marketplace after the other, and demands that a test finds each of them gone.

    dotnet build tests/Estream.Marketplace.Tests -c Release
    python3 tests/Estream.Marketplace.Tests/Mutations/mutate.py            all
    python3 tests/Estream.Marketplace.Tests/Mutations/mutate.py log        those of log.txt
    python3 tests/Estream.Marketplace.Tests/Mutations/mutate.py 20-40      a piece of all
    python3 tests/Estream.Marketplace.Tests/Mutations/mutate.py root-number

The tables beside this file say what is done: a name in brackets, the file below src/Estream.Marketplace, the text that goes (-), what comes in its place (+), and the tests
that have to find it. MutationTableTests holds every day that the text is there exactly once and that the tests exist.

Nothing is written into the checkout: the library alone is compiled, by the compiler that the build calls and with its arguments, from a copy of its sources, beside a copy of the tests
that were built. A mutation costs some seconds. Exit code 1 where one survives or does not compile.
"""
import glob
import json
import os
import re
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.abspath(os.path.join(HERE, '..', '..', '..'))
PROJECT = os.path.join(ROOT, 'src', 'Estream.Marketplace')
TESTS = os.path.join(ROOT, 'tests', 'Estream.Marketplace.Tests', 'bin', 'Release', 'net10.0')
SCRATCH = os.environ.get('ESTREAM_MUTATION_SCRATCH', '/var/tmp/estream-mutations')
SOURCES, BIN, OBJ = (os.path.join(SCRATCH, name) for name in ('src-copy', 'bin-copy', 'obj-copy'))
ASSEMBLY = 'Estream.Marketplace.dll'
TEST_SECONDS, WHOLE_SECONDS = 120, 1200


def read_tables():
    mutations = []
    for table in sorted(glob.glob(os.path.join(HERE, '*.txt'))):
        area = os.path.splitext(os.path.basename(table))[0]
        with open(table, encoding='utf-8') as text:
            for block in re.split(r'\n\n(?=\[)', text.read().strip('\n')):
                lines = block.split('\n')
                of = {mark: '\n'.join(line[1:] for line in lines if line.startswith(mark)) for mark in '-+'}
                field = {line.split(' ', 1)[0]: line.split(' ', 1)[1] for line in lines if line.startswith(('file ', 'by '))}
                mutations.append((area, lines[0].strip('[]'), field['file'], of['-'], of['+'], field['by'].split()))
    return mutations


def chosen(mutations, words):
    if not words:
        return mutations
    taken = []
    for word in words:
        piece = re.fullmatch(r'(\d+)-(\d+)', word)
        taken += mutations[int(piece[1]):int(piece[2])] if piece else [one for one in mutations if word in one[:2]]
    return taken


def prepare():
    """A folder that looks like the checkout to the tests, with a copy of what was built and of the library's sources."""
    shutil.rmtree(SCRATCH, ignore_errors=True)
    os.makedirs(OBJ)
    for name in os.listdir(ROOT):
        if name not in ('.git', 'artifacts'):
            os.symlink(os.path.join(ROOT, name), os.path.join(SCRATCH, name))
    shutil.copytree(TESTS, BIN)
    shutil.copytree(PROJECT, SOURCES, ignore=shutil.ignore_patterns('bin', 'obj'))
    asked = subprocess.run(
        ['dotnet', 'msbuild', PROJECT, '-p:Configuration=Release', '-p:ProvideCommandLineArgs=true', '-p:SkipCompilerExecution=true', '-p:BuildProjectReferences=false',
         '-p:RunAnalyzers=false', '-p:TreatWarningsAsErrors=false', '-p:GenerateDocumentationFile=false', f'-p:IntermediateOutputPath={OBJ}/', '-t:ResolveReferences;CoreCompile',
         '-getItem:CscCommandLineArgs', '-getProperty:RoslynTargetsPath'],
        capture_output=True, text=True)
    if asked.returncode:
        sys.exit(f'The arguments of the compiler are not to be had:\n{asked.stdout}{asked.stderr}')
    answer = json.loads(asked.stdout)
    arguments = [item['Identity'] for item in answer['Items']['CscCommandLineArgs']]
    arguments = [one for one in arguments if not one.startswith(('/out:', '/refout:', '/doc:', '/warnaserror', '/pdb:'))]
    with open(os.path.join(OBJ, 'arguments.rsp'), 'w', encoding='utf-8') as response:
        response.write('\n'.join(one if ' ' not in one or one.startswith('"') else re.sub(r'^(/[a-z]+:)?(.*)$', r'\1"\2"', one) for one in arguments))
        response.write(f'\n/out:{OBJ}/{ASSEMBLY}\n/warn:0\n')
    compiler = os.path.join(answer['Properties']['RoslynTargetsPath'], 'bincore', 'csc.dll')
    return ['dotnet', 'exec', compiler, '/noconfig', '/shared', '/keepalive:120', f'@{OBJ}/arguments.rsp']


def compile_into_tests(compiler):
    run = subprocess.run(compiler, cwd=SOURCES, capture_output=True, text=True)
    if run.returncode:
        return next((line for line in run.stdout.split('\n') if 'error' in line), run.stdout + run.stderr)
    shutil.copy(os.path.join(OBJ, ASSEMBLY), os.path.join(BIN, ASSEMBLY))
    return None


def test(names, seconds=TEST_SECONDS):
    """The number of tests that failed and that passed; None where they came to no end."""
    words = '|'.join(f'FullyQualifiedName~{name}' for name in sorted(set(names)))
    command = ['dotnet', 'test', os.path.join(BIN, 'Estream.Marketplace.Tests.dll'), '--filter', words]
    try:
        run = subprocess.run(command, cwd=SCRATCH, capture_output=True, text=True, timeout=seconds, env={**os.environ, 'DOTNET_CLI_UI_LANGUAGE': 'en'})
    except subprocess.TimeoutExpired:
        return None
    counts = re.search(r'Failed:\s+(\d+), Passed:\s+(\d+)', run.stdout)
    return (int(counts[1]), int(counts[2])) if counts else (1, 0) if 'aborted' in run.stdout + run.stderr else (0, 0)


def main():
    mutations = chosen(read_tables(), sys.argv[1:])
    compiler = prepare()
    wrong = compile_into_tests(compiler)
    names = [name for one in mutations for name in one[5]]
    whole = test(names, WHOLE_SECONDS) if wrong is None else None
    if wrong or whole is None or whole[0] or not whole[1]:
        sys.exit(f'With all guards in place the tests have to pass: {wrong or whole}')
    survivors = 0
    for number, (area, title, file, old, new, by) in enumerate(mutations):
        path = os.path.join(SOURCES, file)
        with open(path, encoding='utf-8') as source:
            text = source.read()
        if text.count(old) != 1:
            outcome = f'IS THERE {text.count(old)} TIMES'
        else:
            with open(path, 'w', encoding='utf-8') as source:
                source.write(text.replace(old, new))
            wrong = compile_into_tests(compiler)
            found = (0, 0) if wrong else test(by)
            outcome = f'DOES NOT COMPILE {wrong}' if wrong else 'found: they hang' if found is None else f'found: {found[0]} of {sum(found)} fail' if found[0] else 'SURVIVED'
            with open(path, 'w', encoding='utf-8') as source:
                source.write(text)
        survivors += not outcome.startswith('found')
        print(f'{number:3} {area}/{title}: {outcome} ({" ".join(by)})', flush=True)
    print(f'{len(mutations)} mutations, {survivors} not found')
    sys.exit(1 if survivors else 0)


main()
