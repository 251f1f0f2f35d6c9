using System.Collections.Immutable;
using Microsoft.CodeAnalysis;

namespace Estream.Esf.Generator.Internal;

/// <summary>
/// Two files that define a type of one name. The same definition twice is one type (two files of a namespace may share
/// an enum); different ones are an error at the file that comes later by path.
/// </summary>
internal sealed record Clash(string TypeName, string WinnerPath, string LoserPath, bool IsSame)
{
    public static EquatableList<Clash> FindAll(ImmutableArray<FileSignature> files)
    {
        Dictionary<string, (string Path, string Source)> owners = new(StringComparer.Ordinal);
        List<Clash> clashes = [];
        foreach (FileSignature file in files.OrderBy(f => f.Path, StringComparer.Ordinal))
        {
            foreach (TypeSignature type in file.Types)
            {
                if (owners.TryGetValue(type.FullName, out (string Path, string Source) owner))
                {
                    clashes.Add(new Clash(type.FullName, owner.Path, file.Path, owner.Source == type.Source));
                }
                else
                {
                    owners.Add(type.FullName, (file.Path, type.Source));
                }
            }
        }

        return clashes.Count == 0 ? EquatableList<Clash>.Empty : new EquatableList<Clash>(clashes);
    }

    public Diagnostic ToDiagnostic(GeneratedType type) => Diagnostic.Create(
        Descriptors.NameClash,
        DiagnosticInfo.LocationOf(type.Path, type.Line, type.Column),
        $"'{TypeName}' is defined differently in {WinnerPath}: rename one of them, or give the files different namespaces");
}
