using System.Reflection;
using Estream.Testing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Estream.Tidy.Sources;

/// <summary>The built product, as a compiler sees it.</summary>
internal static class Product
{
    private static readonly CSharpParseOptions s_parseOptions = new(LanguageVersion.Latest);

    /// <summary>Everything this test assembly runs with: the framework and the product's libraries.</summary>
    public static IReadOnlyList<MetadataReference> References { get; } =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(path => MetadataReference.CreateFromFile(path)),
    ];

    /// <summary>What the ESF generator makes of the schemas in schemas/, for code that uses the generated types.</summary>
    public static IReadOnlyList<SyntaxTree> GenerateSchemas(Repository repository)
    {
        IIncrementalGenerator[] generators =
        [
            .. Assembly.Load("Estream.Esf.Generator").GetTypes()
                .Where(type => typeof(IIncrementalGenerator).IsAssignableFrom(type) && !type.IsAbstract)
                .Select(type => (IIncrementalGenerator)Activator.CreateInstance(type)!),
        ];
        IEnumerable<AdditionalText> schemas = repository.Files
            .Where(file => file.IsUnder("schemas") && file.Path.EndsWith(".esf.yaml", StringComparison.Ordinal))
            .Select(file => new InMemoryText(file));
        GeneratorDriver driver = CSharpGeneratorDriver.Create(
            generators.Select(generator => generator.AsSourceGenerator()), schemas, s_parseOptions);
        CSharpCompilation empty = CSharpCompilation.Create("Schemas", [], References, new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary));
        GeneratorDriverRunResult result = driver.RunGenerators(empty).GetRunResult();
        return [.. result.GeneratedTrees.Select(tree => CSharpSyntaxTree.ParseText(tree.GetText(), s_parseOptions, tree.FilePath))];
    }

    /// <summary>The public surface's source: one built assembly.</summary>
    public static IAssemblySymbol Load(string assemblyPath)
    {
        MetadataReference library = MetadataReference.CreateFromFile(assemblyPath);
        string name = Path.GetFileName(assemblyPath);
        IEnumerable<MetadataReference> others = References.Where(reference => Path.GetFileName(reference.Display) != name);
        CSharpCompilation compilation = CSharpCompilation.Create("Surface", [], [library, .. others]);
        return (IAssemblySymbol)compilation.GetAssemblyOrModuleSymbol(library)!;
    }

    private sealed class InMemoryText(SourceFile file) : AdditionalText
    {
        public override string Path => RepositoryRoot.Combine(file.Path);

        public override Microsoft.CodeAnalysis.Text.SourceText GetText(CancellationToken cancellationToken = default)
        {
            return Microsoft.CodeAnalysis.Text.SourceText.From(file.Text, System.Text.Encoding.UTF8);
        }
    }
}
