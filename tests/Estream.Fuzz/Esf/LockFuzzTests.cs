using System.Text;
using Estream.Esf.Schema;
using Estream.Testing;

namespace Estream.Fuzz.Esf;

/// <summary>Damages lock files: each is read as it is, or its errors are listed with their lines. A failure names the seed that
/// repeats it.</summary>
public sealed class LockFuzzTests
{
    private const string Grown =
        "version: \"1.0\"\nnamespace: a.b\nschemas: { S: { fields: { x: { type: u8 }, y: { type: E, optional: true } } } }\nenums: { E: { "
        + "values: [A, B] } }";

    private static readonly string s_first = Grown.Replace(", y: { type: E, optional: true }", "", StringComparison.Ordinal);

    [Fact]
    public void A_damaged_schema_lock_is_read_or_its_errors_are_listed()
    {
        byte[][] locks = [.. EsfSeeds.Schemas.Select(bytes => LockOf(Encoding.UTF8.GetString(bytes))), LockOf(s_first, Grown)];
        int count = LongRun.Count(3_000, 300_000);
        for (int seed = 0; seed < count; seed++)
        {
            string text = Encoding.UTF8.GetString(new Bytes(seed).Damaged(locks));
            try
            {
                SchemaLockReadResult result = SchemaLockReader.Read(text, "fuzz.esf.lock");
                Assert.True((result.Lock is null) == (result.Diagnostics.Count > 0));
                Assert.All(result.Diagnostics, mistake => Assert.InRange(mistake.Position.Line, 1, text.Count(c => c == '\n') + 1));
                Assert.Equal(result.Lock?.ToString() ?? text, text);
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"seed {seed}: {text}", failure);
            }
        }
    }

    private static byte[] LockOf(params string[] versions) => Encoding.UTF8.GetBytes(
        versions.Aggregate(SchemaLock.Empty, (published, yaml) => published.Publish(SchemaReader.Read(yaml, "x").Document!)).ToString());
}
