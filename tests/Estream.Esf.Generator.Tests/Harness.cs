using System.Reflection;
using System.Runtime.Loader;
using Estream.Esf.Generator;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Emit;
using Microsoft.CodeAnalysis.Text;

namespace Estream.Esf.Generator.Tests;

/// <summary>Runs the generator as the compiler does, over texts in memory.</summary>
internal sealed class Harness
{
    /// <summary>Files in this folder can be imported from, but are not compiled.</summary>
    public const string ImportFolder = "imported/";

    private static readonly CSharpParseOptions s_parse = new(LanguageVersion.Latest);

    private static readonly MetadataReference[] s_references =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Select(path => MetadataReference.CreateFromFile(path)),
    ];

    private readonly List<AdditionalText> _texts = [];
    private GeneratorDriver _driver;

    public Harness(string? visibility = null, params (string Path, string Text)[] files)
    {
        _texts.AddRange(files.Select(file => new MemoryText(file.Path, file.Text)));
        _driver = CSharpGeneratorDriver.Create(
            [new EsfGenerator().AsSourceGenerator()],
            _texts,
            s_parse,
            new Options(visibility),
            new GeneratorDriverOptions(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true));
        Compilation = CSharpCompilation.Create(
            "Generated", [], s_references,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));
    }

    public CSharpCompilation Compilation { get; private set; }

    /// <summary>Runs the generator on the current state and returns its result.</summary>
    public GeneratorRunResult Run()
    {
        _driver = _driver.RunGenerators(Compilation);
        return Assert.Single(_driver.GetRunResult().Results);
    }

    /// <summary>Returns the errors and warnings of compiling the generated code together with other code.</summary>
    public IReadOnlyList<Diagnostic> CompileWith(string code = "")
    {
        IEnumerable<SyntaxTree> trees = Run().GeneratedSources.Select(source => source.SyntaxTree);
        CSharpCompilation all = Compilation.AddSyntaxTrees(trees).AddSyntaxTrees(CSharpSyntaxTree.ParseText(code, s_parse));
        return [.. all.GetDiagnostics().Where(diagnostic => diagnostic.Severity >= DiagnosticSeverity.Warning)];
    }

    /// <summary>Compiles the generated code together with code written for it, and loads the assembly.</summary>
    /// <param name="code">Writes the code for the generated types.</param>
    public Assembly Load(Func<CSharpCompilation, string> code)
    {
        CSharpCompilation generated = Compilation.AddSyntaxTrees(Run().GeneratedSources.Select(source => source.SyntaxTree));
        using MemoryStream image = new();
        EmitResult result = generated.AddSyntaxTrees(CSharpSyntaxTree.ParseText(code(generated), s_parse)).Emit(image);
        Assert.True(result.Success, string.Join('\n', result.Diagnostics.Take(5)));
        image.Position = 0;
        return new AssemblyLoadContext("generated", isCollectible: true).LoadFromStream(image);
    }

    /// <summary>Edits a C# file of the project, which does not concern the generator.</summary>
    public void EditCode(string code) =>
        Compilation = Compilation.RemoveAllSyntaxTrees().AddSyntaxTrees(CSharpSyntaxTree.ParseText(code, s_parse));

    /// <summary>Edits a schema file.</summary>
    public void EditSchema(string path, string text)
    {
        AdditionalText old = _texts.Single(candidate => candidate.Path == path);
        MemoryText changed = new(path, text);
        _texts[_texts.IndexOf(old)] = changed;
        _driver = _driver.ReplaceAdditionalText(old, changed);
    }

    private sealed class MemoryText(string path, string text) : AdditionalText
    {
        public override string Path => path;

        public override SourceText GetText(CancellationToken cancellationToken = default) =>
            SourceText.From(text, System.Text.Encoding.UTF8);
    }

    private sealed class Options(string? visibility) : AnalyzerConfigOptionsProvider
    {
        public override AnalyzerConfigOptions GlobalOptions { get; } = new Values(visibility);

        public override AnalyzerConfigOptions GetOptions(SyntaxTree tree) => GlobalOptions;

        public override AnalyzerConfigOptions GetOptions(AdditionalText textFile) =>
            textFile.Path.StartsWith(ImportFolder, StringComparison.Ordinal) ? new Metadata() : GlobalOptions;
    }

    private sealed class Metadata : AnalyzerConfigOptions
    {
        public override bool TryGetValue(string key, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out string? value)
        {
            value = key == "build_metadata.AdditionalFiles.EsfImport" ? "true" : null;
            return value is not null;
        }
    }

    private sealed class Values(string? visibility) : AnalyzerConfigOptions
    {
        public override bool TryGetValue(string key, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out string? value)
        {
            value = key == "build_property.EsfVisibility" ? visibility : null;
            return value is not null;
        }
    }
}
