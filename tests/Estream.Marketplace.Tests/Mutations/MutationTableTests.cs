using System.Reflection;
using Estream.Testing;

namespace Estream.Marketplace.Tests.Mutations;

/// <summary>The mutation tables refer to existing sources and tests. mutate.py shows that the tests detect each mutation.</summary>
public sealed class MutationTableTests
{
    private static readonly string[] s_tests =
    [
        .. from type in typeof(MutationTableTests).Assembly.GetTypes()
           where type.IsPublic
           from method in type.GetMethods(BindingFlags.Public | BindingFlags.Instance)
           where method.GetCustomAttributes<FactAttribute>().Any()
           select $"{type.FullName}.{method.Name}",
    ];

    [Fact]
    public void Every_mutated_guard_occurs_once_in_the_sources_and_has_tests()
    {
        IReadOnlyList<Mutation> mutations = Mutation.ReadAll();
        Assert.True(mutations.Count >= 150, $"{mutations.Count} guards");
        Assert.Equal(mutations.Count, mutations.Select(mutation => mutation.Name).Distinct().Count());
        string[] wrong = [.. mutations.SelectMany(Errors)];
        Assert.True(wrong.Length == 0, string.Join('\n', wrong));
    }

    /// <summary>Checks the page that lists the attacks and their defenses.</summary>
    [Fact]
    public void Every_attack_on_the_page_names_existing_tests_and_mutations()
    {
        Dictionary<string, Mutation> guards = Mutation.ReadAll().ToDictionary(mutation => mutation.Name);
        string[][] rows =
        [
            .. File.ReadLines(RepositoryRoot.Combine("docs", "attacks.md")).Where(line => line.StartsWith("| `", StringComparison.Ordinal))
                .Select(line => line.Split('|', StringSplitOptions.TrimEntries)[1..^1]),
        ];
        Assert.True(rows.Length >= 90, $"{rows.Length} attacks");
        List<string> wrong = [];
        foreach (string[] row in rows)
        {
            string[] tests = Names(row[1]), gone = Names(row[2]);
            wrong.AddRange(tests.Where(test => !s_tests.Any(known => known.EndsWith("." + test, StringComparison.Ordinal)))
                .Select(test => $"{row[0]}: there is no test {test}"));
            wrong.AddRange(gone.Where(guard => !guards.ContainsKey(guard)).Select(guard => $"{row[0]}: there is no mutation {guard}"));
            if (gone.Length > 0 && !gone.Where(guards.ContainsKey).SelectMany(guard => guards[guard].Tests)
                .Any(seen => tests.Any(test => IsOf(test, seen))))
            {
                wrong.Add($"{row[0]}: of its guards none is one that a test of its own has missed");
            }

            if (tests.Length == 0 || (gone.Length == 0 && row[2].Length < 20))
            {
                wrong.Add($"{row[0]}: it names no test, or neither a mutation nor the reason for having none");
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    // The fuzz project has one class per file, with the same name.
    private static bool IsThere(string test) => test.StartsWith(Mutation.Fuzz, StringComparison.Ordinal)
        ? File.Exists(RepositoryRoot.Combine("tests", "Estream.Fuzz", "Marketplace", $"{test[Mutation.Fuzz.Length..]}.cs"))
        : s_tests.Any(known => known.Contains(test, StringComparison.Ordinal));

    // A mutation names a fragment of a test's full name; the page names class and method.
    private static bool IsOf(string test, string seen) =>
        s_tests.Any(known => known.EndsWith("." + test, StringComparison.Ordinal) && known.Contains(seen, StringComparison.Ordinal));

    private static string[] Names(string cell) => [.. cell.Split('`').Where((_, index) => index % 2 == 1)];

    private static IEnumerable<string> Errors(Mutation mutation)
    {
        string source = File.ReadAllText(RepositoryRoot.Combine("src", "Estream.Marketplace", mutation.File));
        // The tables do not record line breaks.
        int count = WithoutSpace(source).Split(WithoutSpace(mutation.Old)).Length - 1;
        if (count != 1 || mutation.Old.Length == 0 || mutation.Old == mutation.New)
        {
            yield return $"{mutation.Name}: its text occurs in {mutation.File} {count} times";
        }

        foreach (string test in mutation.Tests.Where(test => !IsThere(test)))
        {
            yield return $"{mutation.Name}: there is no test {test}";
        }
    }

    private static string WithoutSpace(string text) => string.Concat(text.Where(one => !char.IsWhiteSpace(one)));
}
