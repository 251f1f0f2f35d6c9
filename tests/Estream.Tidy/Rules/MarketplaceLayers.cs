using Estream.Tidy.Sources;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Estream.Tidy.Rules;

/// <summary>Checks that the folders of Estream.Marketplace are layers: a file uses types of its own folder and of earlier folders
/// (docs/ARCHITECTURE.md).</summary>
internal static class MarketplaceLayers
{
    private const string Project = "src/Estream.Marketplace";

    private static readonly string[] s_layers = ["Packaging", "Trust", "Registries", "Client"];

    public static IEnumerable<Violation> Check(Repository repository)
    {
        SourceFile[] files = [.. repository.CSharpFiles.Where(file => file.IsUnder(Project))];
        Dictionary<string, int> layerOfType = [];
        foreach ((string type, int layer) in files.SelectMany(file => Types(file).Select(type => (type, LayerOf(file)))))
        {
            layerOfType[type] = Math.Min(layer, layerOfType.GetValueOrDefault(type, layer));
        }

        IEnumerable<Violation> outside =
            from file in files
            where LayerOf(file) < 0
            select new Violation(file.Path, 0, $"belongs to no layer: move it into {string.Join(", ", s_layers)}");
        IEnumerable<Violation> upward =
            from file in files
            from name in file.Syntax.DescendantNodes().OfType<SimpleNameSyntax>()
            let used = layerOfType.GetValueOrDefault(name.Identifier.Text, -1)
            where used > LayerOf(file) && LayerOf(file) >= 0
            select new Violation(file.Path, SourceFile.LineOf(name),
                $"{s_layers[LayerOf(file)]} uses {name.Identifier.Text} of {s_layers[used]}, a later layer");
        return outside.Concat(upward);
    }

    private static int LayerOf(SourceFile file) => Array.FindIndex(s_layers, layer => file.IsUnder($"{Project}/{layer}"));

    private static IEnumerable<string> Types(SourceFile file) =>
        from member in file.Syntax.DescendantNodes(node => node is CompilationUnitSyntax or BaseNamespaceDeclarationSyntax)
        let name = member is BaseTypeDeclarationSyntax type ? type.Identifier.Text : (member as DelegateDeclarationSyntax)?.Identifier.Text
        where name is not null
        select name;
}
