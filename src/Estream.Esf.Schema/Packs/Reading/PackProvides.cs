namespace Estream.Esf.Schema.Internal;

/// <summary>Checks that packs provide what their manifests declare, and that each schema belongs to one pack.</summary>
internal static class PackProvides
{
    public static void Check(IReadOnlyList<Pack> packs, List<SchemaDiagnostic> errors)
    {
        Dictionary<string, Pack> owners = new(StringComparer.Ordinal);
        foreach (Pack pack in packs)
        {
            void Report(string code, string message) =>
                errors.Add(new SchemaDiagnostic(code, pack.Manifest.File, pack.Manifest.ProvidesPosition, message));

            string[] names = [.. pack.Schemas.Select(schema => schema.Name)];

            // A file that cannot be read is reported separately. Its schemas are unknown, so schemas are not reported as missing.
            string[] missing = pack.Contents.IsIncomplete ? [] : [.. pack.Manifest.Provides.Except(names)];
            foreach (string name in missing)
            {
                Report(DiagnosticCodes.Provides, PackMessages.ProvidesMore(name, names));
            }

            foreach (string name in names.Except(pack.Manifest.Provides))
            {
                Report(DiagnosticCodes.Provides, PackMessages.ProvidesLess(name));
            }

            foreach (string name in pack.Schemas.Select(schema => schema.QualifiedName))
            {
                if (owners.TryGetValue(name, out Pack? owner) && owner != pack)
                {
                    Report(DiagnosticCodes.PackConflict, PackMessages.SchemaTwice(name, pack.Name, owner.Name));
                }

                owners[name] = pack;
            }
        }
    }
}
