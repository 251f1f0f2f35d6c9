using Estream.Esf.Schema;
using Estream.Esf.Tests.Golden;

namespace Estream.Esf.Tests;

/// <summary>
/// Every incompatible change of a published schema and every error in a lock, with its message. In the golden file of changes, the
/// published schema is before <c>&gt;&gt;&gt;</c> and the changed one after it. In the golden file of locks, <c>&lt;CR&gt;</c> is a
/// carriage return and <c>&lt;CUT&gt;</c> the end of the file.
/// </summary>
public sealed class EvolutionErrorTests
{
    private const string Became = ">>>\n";

    private static readonly string s_breaches = GoldenFile.PathOf("Golden", "evolution-errors.txt");
    private static readonly string s_locks = GoldenFile.PathOf("Golden", "lock-errors.txt");

    [Fact]
    public void Every_incompatible_change_has_its_message() => GoldenCases.AssertSame(s_breaches, Breaches);

    [Fact]
    public void Every_lock_error_has_its_message() => GoldenCases.AssertSame(s_locks, Mistakes);

    /// <summary>The diagnostics of all cases of both files.</summary>
    internal static IEnumerable<SchemaDiagnostic> All() =>
        GoldenCases.Read(s_breaches).SelectMany(c => Breaches(c.Name, c.Input))
            .Concat(GoldenCases.Read(s_locks).SelectMany(c => Mistakes(c.Name, c.Input)));

    private static IEnumerable<SchemaDiagnostic> Breaches(string name, string input)
    {
        string[] parts = input.Split(Became);
        SchemaLock published = SchemaLock.Empty.Publish(Read(parts[0]));
        return published.Check(Read(parts[1]), name + ".esf.yaml");
    }

    private static IReadOnlyList<SchemaDiagnostic> Mistakes(string name, string input)
    {
        int cut = input.IndexOf("<CUT>", StringComparison.Ordinal);
        string text = (cut < 0 ? input : input[..cut]).Replace("<CR>", "\r", StringComparison.Ordinal);
        SchemaLockReadResult result = SchemaLockReader.Read(text, name + ".esf.lock");
        Assert.Null(result.Lock);
        return result.Diagnostics;
    }

    private static SchemaDocument Read(string yaml)
    {
        SchemaReadResult result = SchemaReader.Read(yaml, "x");
        Assert.Empty(result.Diagnostics);
        return result.Document!;
    }
}
