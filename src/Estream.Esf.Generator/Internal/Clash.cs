using System.Collections.Immutable;
using Microsoft.CodeAnalysis;

namespace Estream.Esf.Generator.Internal;

/// <summary>
/// Two types with the same name. The same definition in two files is one type, because two files of a namespace may share an enum.
/// Different definitions are an error at the second definition. Names that differ only in case conflict too, because each name is also the
/// name of a generated file.
/// </summary>
internal sealed record Clash(string TypeName, string WinnerName, string WinnerPath, string LoserPath, bool IsSame)
{
    public static EquatableList<Clash> FindAll(ImmutableArray<FileSignature> files)
    {
        Dictionary<string, (string Name, string Path, string Source)> owners = new(StringComparer.OrdinalIgnoreCase);
        List<Clash> clashes = [];
        foreach (FileSignature file in files.OrderBy(f => f.Path, StringComparer.Ordinal))
        {
            foreach (TypeSignature type in file.Types)
            {
                if (owners.TryGetValue(type.FullName, out (string Name, string Path, string Source) owner))
                {
                    clashes.Add(new Clash(type.FullName, owner.Name, owner.Path, file.Path, owner.Source == type.Source));
                }
                else
                {
                    owners.Add(type.FullName, (type.FullName, file.Path, type.Source));
                }
            }
        }

        return clashes.Count == 0 ? EquatableList<Clash>.Empty : new EquatableList<Clash>(clashes);
    }

    public Diagnostic ToDiagnostic(GeneratedType type) => Diagnostic.Create(
        Descriptors.NameConflict,
        DiagnosticInfo.LocationOf(type.Path, type.Line, type.Column),
        WinnerName == TypeName
            ? $"'{TypeName}' is defined differently in {WinnerPath}. Rename one of them, or give the files different namespaces."
            : $"'{TypeName}' differs only in case from '{WinnerName}' in {WinnerPath}. Rename one of them.");
}
