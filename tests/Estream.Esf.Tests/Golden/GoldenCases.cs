using System.Text;

namespace Estream.Esf.Tests.Golden;

/// <summary>
/// A golden file of cases: each begins with <c>=== name</c>, then stands what is given to the library, and behind it the
/// messages that come back, each after <c>!!! </c>. Reading it is reading what an author is told.
/// </summary>
internal static class GoldenCases
{
    private const string CaseMark = "=== ";
    private const string MessageMark = "!!! ";

    /// <summary>The cases by name, without their messages.</summary>
    public static IEnumerable<(string Name, string Input)> Read(string path)
    {
        string? name = null;
        StringBuilder input = new();
        foreach (string line in File.ReadAllLines(path))
        {
            if (line.StartsWith(CaseMark, StringComparison.Ordinal))
            {
                if (name is not null)
                {
                    yield return (name, input.ToString());
                }

                name = line[CaseMark.Length..];
                input.Clear();
            }
            else if (!line.StartsWith(MessageMark, StringComparison.Ordinal))
            {
                input.Append(line).Append('\n');
            }
        }

        yield return (name!, input.ToString());
    }

    /// <summary>Runs every case and compares the whole file; a case that gets no message fails.</summary>
    public static void AssertSame(string path, Func<string, string, IEnumerable<object>> messagesOf)
    {
        StringBuilder actual = new();
        foreach ((string name, string input) in Read(path).ToArray())
        {
            actual.Append(CaseMark).Append(name).Append('\n').Append(input);
            object[] messages = [.. messagesOf(name, input)];
            Assert.True(messages.Length > 0, $"{name}: no mistake was found");
            foreach (object message in messages)
            {
                actual.Append(MessageMark).Append(message).Append('\n');
            }
        }

        GoldenFile.AssertSame(path, actual.ToString());
    }
}
