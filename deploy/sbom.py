#!/usr/bin/env python3
"""Prints the bill of materials of a published host in CycloneDX 1.6: NuGet packages, npm packages of the console, and the .NET runtime.

    deploy/sbom.py [FOLDER] >sbom.cdx.json

Versions and hashes come from the lock files of the repository. FOLDER is a published program; its runtime is listed too.
"""
import base64
import glob
import json
import os
import platform
import sys
import urllib.parse
import uuid
import xml.etree.ElementTree as xml

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
RUNTIME = 'linux-' + {'x86_64': 'x64', 'aarch64': 'arm64'}.get(platform.machine(), platform.machine())
PROGRAMS = ('Estream.Host', 'Estream.Cli')
VERSION = xml.parse(os.path.join(ROOT, 'Directory.Build.props')).find('.//Version').text


def read(*path):
    with open(os.path.join(ROOT, *path), encoding='utf-8-sig') as file:
        return json.load(file)


def purl(kind, name, version):
    return f"pkg:{kind}/{urllib.parse.quote(name, safe='/')}@{urllib.parse.quote(version)}"


def component(kind, name, version, sha512=None):
    found = {'type': 'library', 'bom-ref': purl(kind, name, version), 'name': name, 'version': version, 'purl': purl(kind, name, version)}
    if sha512:
        found['hashes'] = [{'alg': 'SHA-512', 'content': base64.b64decode(sha512).hex()}]
    return found


def nuget(components, dependencies):
    """Adds the packages and projects of the programs. Returns the programs."""
    names = {os.path.basename(path)[:-len('.csproj')].lower(): os.path.basename(path)[:-len('.csproj')]
             for path in glob.glob(os.path.join(ROOT, 'src', '*', '*.csproj'))}
    for program in PROGRAMS:
        locked = {}
        for packages in read('src', program, 'packages.lock.json')['dependencies'].values():
            locked.update(packages)
        refs = {}
        for name, package in locked.items():
            project = package['type'] == 'Project'
            one = component('nuget', names.get(name.lower(), name), VERSION if project else package['resolved'], package.get('contentHash'))
            components[one['bom-ref']] = one
            refs[name.lower()] = one['bom-ref']
        for name, package in locked.items():
            dependencies.setdefault(refs[name.lower()], set()).update(
                refs[needed.lower()] for needed in package.get('dependencies', {}) if needed.lower() in refs)
        own = component('nuget', program, VERSION)
        components[own['bom-ref']] = dict(own, type='application')
        dependencies[own['bom-ref']] = set(refs.values())
    return [purl('nuget', program, VERSION) for program in PROGRAMS]


def npm(components, dependencies):
    """Adds what the console is built from, without the tools that build it. Returns these packages."""
    found = []
    for path, package in read('console', 'package-lock.json')['packages'].items():
        if not path.startswith('node_modules/') or package.get('dev') or package.get('link') or 'integrity' not in package:
            continue
        name = path.rsplit('node_modules/', 1)[1]
        one = component('npm', name.replace('@', '%40', 1) if name.startswith('@') else name, package['version'],
                        package['integrity'].removeprefix('sha512-'))
        one['name'] = name
        one['bom-ref'] = one['purl'] = one['purl'].replace('%2540', '%40')
        components[one['bom-ref']] = one
        dependencies.setdefault(one['bom-ref'], set())
        found.append(one['bom-ref'])
    return found


def runtime(folder, components, dependencies):
    """Adds the frameworks in a published folder. Returns them."""
    found = []
    for file in glob.glob(os.path.join(folder, '*.runtimeconfig.json')):
        with open(file, encoding='utf-8') as config:
            for framework in json.load(config)['runtimeOptions'].get('includedFrameworks', []):
                one = dict(component('nuget', framework['name'] + '.Runtime.' + RUNTIME, framework['version']), type='framework')
                components[one['bom-ref']] = one
                dependencies.setdefault(one['bom-ref'], set())
                found.append(one['bom-ref'])
    return found


def main():
    components, dependencies = {}, {}
    parts = nuget(components, dependencies) + npm(components, dependencies)
    if len(sys.argv) > 1:
        parts += runtime(sys.argv[1], components, dependencies)
    product = dict(component('generic', 'estream', VERSION), type='application')
    dependencies[product['bom-ref']] = set(parts)
    bom = {
        'bomFormat': 'CycloneDX', 'specVersion': '1.6', 'version': 1,
        'metadata': {'component': product},
        'components': [components[ref] for ref in sorted(components)],
        'dependencies': [{'ref': ref, 'dependsOn': sorted(needed - {ref})} for ref, needed in sorted(dependencies.items())],
    }
    bom['serialNumber'] = 'urn:uuid:' + str(uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(bom, sort_keys=True)))
    json.dump(bom, sys.stdout, indent=2)
    print()


if __name__ == '__main__':
    main()
