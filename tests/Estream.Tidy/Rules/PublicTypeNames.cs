using Estream.Tidy.Sources;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Estream.Tidy.Rules;

/// <summary>
/// Requires that no two public types of the product have the same name, even in different namespaces: a program that uses both would have
/// to qualify them, and a reader could confuse them. A name is the simple name with the number of its type parameters. Nested types are not
/// checked, because the name of their container distinguishes them.
/// </summary>
internal static class PublicTypeNames
{
    private static readonly string[] s_areas = ["src", "schemas"];

    public static IEnumerable<Violation> Check(Repository repository) =>
        from type in repository.CSharpFiles.Where(IsProduct).SelectMany(Types)
        group type by type.Name into named
        let spaces = named.GroupBy(type => type.Space).OrderBy(space => space.Key, StringComparer.Ordinal).ToArray()
        where spaces.Length > 1
        from space in spaces.Skip(1)
        let place = space.First()
        select new Violation(place.Path, place.Line,
            $"the public type {named.Key} has the name of one in {spaces[0].Key} ({spaces[0].First().Path}); use that type, or give one "
            + "of the two a more specific name");

    // Files below a folder of templates are copied into new projects, and are compiled there.
    private static bool IsProduct(SourceFile file) =>
        s_areas.Any(file.IsUnder) && !file.Path.Contains("/Templates/", StringComparison.Ordinal);

    private static IEnumerable<(string Name, string Space, string Path, int Line)> Types(SourceFile file)
    {
        foreach (MemberDeclarationSyntax type in file.Syntax.DescendantNodes(node =>
            node is CompilationUnitSyntax or BaseNamespaceDeclarationSyntax).OfType<MemberDeclarationSyntax>())
        {
            (SyntaxToken identifier, TypeParameterListSyntax? parameters) = type switch
            {
                TypeDeclarationSyntax declared => (declared.Identifier, declared.TypeParameterList),
                EnumDeclarationSyntax declared => (declared.Identifier, null),
                DelegateDeclarationSyntax declared => (declared.Identifier, declared.TypeParameterList),
                _ => (default(SyntaxToken), null),
            };
            if (type.Modifiers.Any(SyntaxKind.PublicKeyword) && identifier.Text.Length > 0)
            {
                string space = type.FirstAncestorOrSelf<BaseNamespaceDeclarationSyntax>()?.Name.ToString() ?? "the global namespace";
                int arity = parameters?.Parameters.Count ?? 0;
                yield return (arity == 0 ? identifier.Text : $"{identifier.Text}`{arity}", space, file.Path, SourceFile.LineOf(identifier));
            }
        }
    }
}
