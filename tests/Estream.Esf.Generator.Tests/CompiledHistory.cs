using System.Text;
using Estream.Esf.Schema;
using Estream.Esf.Tests.Generation;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Estream.Esf.Generator.Tests;

/// <summary>
/// Several versions of several schemas, as programs of different age use them. Each version has an assembly, compiled with the locks that
/// existed when this version was the newest.
/// </summary>
internal sealed class CompiledHistory
{
    private readonly Func<ReadOnlySpan<byte>, string>[,][] _printers;
    private readonly Func<ReadOnlySpan<byte>, Span<byte>, int>[,] _writers;

    /// <param name="histories">The versions of each schema, oldest first; every schema has the same number of versions.</param>
    public CompiledHistory(MessageSchema[][] histories)
    {
        // Each schema gets its own namespace: an enum has one definition per file, but here every schema extends its enums separately.
        Schemas = [.. histories.Select((versions, s) => versions.Select(v => new MessageSchema(v.Namespace + s, v.Name, v.Record))
            .ToArray())];
        int count = Schemas[0].Length;
        _printers = new Func<ReadOnlySpan<byte>, string>[Schemas.Length, count][];
        _writers = new Func<ReadOnlySpan<byte>, Span<byte>, int>[Schemas.Length, count];
        Compilation?[] compilations = new Compilation?[count];
        for (int version = 0; version < count; version++)
        {
            Compile(version, compilations);
        }
    }

    /// <summary>The schemas by number and version.</summary>
    public MessageSchema[][] Schemas { get; }

    /// <summary>Prints the fields of one version with the view of another version.</summary>
    /// <param name="schema">Number of the schema.</param>
    /// <param name="reader">The version that reads.</param>
    /// <param name="known">The version whose fields are printed; not later than the reader.</param>
    /// <param name="message">The message.</param>
    public string Print(int schema, int reader, int known, byte[] message) => _printers[schema, reader][known](message);

    /// <summary>Reads a message with the view of a version, and writes the fields again with the writer of that version.</summary>
    /// <param name="schema">Number of the schema.</param>
    /// <param name="version">The version.</param>
    /// <param name="message">A message of that version.</param>
    public byte[] Write(int schema, int version, byte[] message)
    {
        byte[] destination = new byte[2 * message.Length];
        return destination[.._writers[schema, version](message, destination)];
    }

    private void Compile(int version, Compilation?[] compilations)
    {
        Harness harness = new(null, [.. Enumerable.Range(0, Schemas.Length).SelectMany(s => Files(s, version))]);
        System.Reflection.Assembly assembly = harness.Load(generated =>
        {
            compilations[version] = generated;
            StringBuilder code = new("public static class Printers {\n");
            for (int s = 0; s < Schemas.Length; s++)
            {
                code.Append(ViewCopier.Method($"Write{s}", ViewOf(generated, s)));
                for (int known = 0; known <= version; known++)
                {
                    code.Append(ViewPrinter.Method($"Print{s}_{known}", ViewOf(generated, s), ViewOf(compilations[known]!, s)));
                }
            }

            return code.Append('}').ToString();
        });
        for (int s = 0; s < Schemas.Length; s++)
        {
            _writers[s, version] =
                assembly.GetType("Printers")!.GetMethod($"Write{s}")!.CreateDelegate<Func<ReadOnlySpan<byte>, Span<byte>, int>>();
            _printers[s, version] = [.. Enumerable.Range(0, version + 1).Select(
                known => assembly.GetType("Printers")!.GetMethod($"Print{s}_{known}")!.CreateDelegate<Func<ReadOnlySpan<byte>, string>>())];
        }
    }

    private IEnumerable<(string Path, string Text)> Files(int schema, int version)
    {
        SchemaLock published = SchemaLock.Empty;
        foreach (MessageSchema earlier in Schemas[schema].Take(version + 1))
        {
            published = published.Publish(SchemaReader.Read(YamlText.Of(earlier), "x").Document!);
        }

        yield return ($"/s{schema}.esf.yaml", YamlText.Of(Schemas[schema][version]));
        yield return ($"/s{schema}.esf.lock", published.ToString());
    }

    private INamedTypeSymbol ViewOf(Compilation compilation, int schema)
    {
        string ns = string.Join('.', Schemas[schema][0].Namespace.Split('.').Select(word => char.ToUpperInvariant(word[0]) + word[1..]));
        return compilation.GetTypeByMetadataName($"{ns}.{Schemas[schema][0].Name}+View")!;
    }
}
