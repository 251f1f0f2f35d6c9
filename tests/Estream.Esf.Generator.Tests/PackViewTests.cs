using System.Reflection;
using System.Text;
using System.Text.Json;
using Estream.Core;
using Estream.Esf.Tests.Golden;
using Estream.Testing;
using Microsoft.CodeAnalysis;

namespace Estream.Esf.Generator.Tests;

/// <summary>The views shipped with the packs, on damaged messages at the end of readable memory: each read returns a value or throws one of
/// the two typed exceptions.</summary>
public sealed class PackViewTests : IDisposable
{
    private static readonly string[] s_packs = ["carbon", "health", "industrial", "iot", "payments", "trading"];

    private readonly GuardedMemory _input = new();

    public void Dispose() => _input.Dispose();

    [Fact]
    public void Damaged_messages_of_every_pack_cause_only_typed_exceptions()
    {
        EsfSchema[] schemas =
            [.. EsfSchemaSet.Load(
                s_packs.SelectMany(pack =>
                    Directory.GetFiles(RepositoryRoot.Combine("schemas", "esf-" + pack, "schemas"), "*.esf.yaml"))).Schemas];
        Assert.Equal(25, schemas.Length);
        Func<ReadOnlySpan<byte>, string>[] printers = Printers(schemas);
        ILookup<ulong, byte[]> messages = Vectors().ToLookup(SchemaIdOf);
        for (int i = 0; i < schemas.Length; i++)
        {
            byte[][] ofSchema = [.. messages[schemas[i].Id]];
            Assert.True(ofSchema.Length > 0, $"There is no vector of {schemas[i]}.");
            Hammer(schemas[i], ofSchema, printers[i]);
        }
    }

    private void Hammer(EsfSchema schema, byte[][] messages, Func<ReadOnlySpan<byte>, string> print)
    {
        const int Seed = 9;
        Random random = new(Seed);
        Assert.All(messages, message => Assert.NotEmpty(print(message)));
        int refused = 0;
        int mutations = LongRun.Count(1_000, 100_000);
        for (int i = 0; i < mutations; i++)
        {
            byte[] damaged = HostileMessages.DamageAnywhere(random, messages[random.Next(messages.Length)]);
            try
            {
                _ = print(_input.Copy(damaged));
            }
            catch (Exception e) when (e is EstreamCorruptionException or EstreamFormatException)
            {
                refused++;
            }
            catch (Exception e)
            {
                Assert.Fail($"{schema}, seed {Seed}, mutation {i}, {Convert.ToHexString(damaged)}: {e}");
            }
        }

        Assert.InRange(refused, mutations / 20, mutations - (mutations / 50));
    }

    /// <summary>Compiles methods that print every member of the views in the packs' assemblies.</summary>
    private static Func<ReadOnlySpan<byte>, string>[] Printers(EsfSchema[] schemas)
    {
        Assembly assembly = new Harness().Load(compilation =>
        {
            StringBuilder code = new("public static class Printers {\n");
            for (int i = 0; i < schemas.Length; i++)
            {
                INamedTypeSymbol view = compilation.GetTypeByMetadataName(TypeOf(schemas[i]) + "+View")!;
                code.Append(ViewPrinter.Method($"Print{i}", view, view));
            }

            return code.Append('}').ToString();
        });
        return [.. Enumerable.Range(0, schemas.Length)
            .Select(i => assembly.GetType("Printers")!.GetMethod($"Print{i}")!.CreateDelegate<Func<ReadOnlySpan<byte>, string>>())];
    }

    private static string TypeOf(EsfSchema schema) =>
        string.Join('.', schema.Definition.Namespace.Split('.').Select(word => char.ToUpperInvariant(word[0]) + word[1..])) + "."
            + schema.Definition.Name;

    /// <summary>The golden messages, unsealed and sealed.</summary>
    private static IEnumerable<byte[]> Vectors()
    {
        foreach (string path in Directory.GetFiles(GoldenFile.PathOf("Vectors"), "*.json")
            .Concat(Directory.GetFiles(GoldenFile.PathOf("Vectors", "Sealed"), "*.json")))
        {
            using JsonDocument vector = JsonDocument.Parse(File.ReadAllText(path));
            yield return Convert.FromHexString(vector.RootElement.GetProperty("Bytes").GetString()!);
        }
    }

    private static ulong SchemaIdOf(byte[] message) => EsfMessageHeader.TryReadSchemaId(message, out ulong id) ? id : 0;
}
