using System.Globalization;
using System.Text;
using Estream.Esf.Schema.Internal;
using Estream.Testing;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Estream.Esf.Tests;

/// <summary>The YAML reader of schema, circuit and pipeline files, compared with YamlDotNet, which reads all of YAML 1.2.</summary>
public sealed class YamlTests
{
    /// <summary>Every construct of the supported subset.</summary>
    private static readonly string[] s_texts =
    [
        "", "# nothing\n", "---\n", "---\na: b\n...\n", "a", "'a'", "[a, b]", "- a\n- b\n", "a: b # c\nd: e#f\n",
        "a:\n  b: c\n  d:\n    e: f\ng:\n- h\n- i: j\n  k: l\nm:\n  - n\n", "- - a\n  - b\n- - - c\n-\n  - d\n-\n- e: f\n  g: h\n",
        "a: { b: c, d: [e, {f: g}], \"h\": i, 'j': k, l, m: }\nn: []\no: {}\n", "a: [\n  b,\n  # c\n  d, ]\n",
        "{\"a\":1,\"b\":[true,null]}",
        "[a: b, c]", "a: b\n  c\n\n  d\ne: f", "a: 'b''c\n  d\n\n  e'\n", "a: \"b\\n\\x41\\u00e9\\U0001F600\\\"\\\\ \\\n    c\n  d\"\n",
        "a: |\n  b\n   c\n\n  d\n\ne: f\n", "a: |-\n  b\n\n\nc: |+\n  d\n\n\ne: |2\n    f\ng: >\n  h\n  i\n\n  j\n    k\n  l\n",
        "a: >-\n\n  b\n  c\n", "- |\n a\n- >+\n b\n\n- c\n", "a: |\n\nb: c\n", "a: -1\nb: :c\nc: d:e\nd: ?f\n\"g h\": i\n'j': k\n",
        "a: b: c\n", "a:\n    b\n  c: d\n", "a: [b, c\nd: e\n", "a: \"b\nc\": d\n", "a: - b\n", "- a\nb: c\n", "a: *b\n", "a: b\n c: d\n",
        "- a\n - b\n", "a: 'b' c\n", "a:b: c\n", "a: |x\n b\n", "a: @b\n", "a: `b\n", "a: ,b\n", "a\nb: c\n", "\ta: b\n", "a:\n\tb: c\n",
    ];

    /// <summary>Messages and exceptions with which YamlDotNet refuses valid YAML: blank lines at the start of a block scalar, tabs in lines
    /// without text, a block scalar as the root, lines of a flow collection that are not indented, keys of two lines in braces, and keys
    /// that begin with two colons.</summary>
    private static readonly string[] s_theirErrors =
    [
        "found extra spaces in first line", "found more spaces in lines above", "found invalid tab as indentation",
        "Did not find expected <document end>", "due to the current state of the object", "found wrong indentation",
        "did not find expected ',' or '}'", "did not find expected key",
    ];

    /// <summary>Files of the repository in YAML.</summary>
    private static readonly Lazy<string[]> s_files = new(() =>
        [.. new[] { "circuits", "schemas", "samples", "src", Path.Combine("tests", "Estream.Esf.Generator.Tests") }
            .SelectMany(folder => Directory.GetFiles(RepositoryRoot.Combine(folder), "*.yaml", SearchOption.AllDirectories))
            .Where(path => !path.Contains("/obj/", StringComparison.Ordinal) && !path.Contains("/bin/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal).Select(File.ReadAllText)]);

    [Fact]
    public void Files_of_the_repository_are_read_as_another_implementation_reads_them()
    {
        Assert.True(s_files.Value.Length > 30, $"{s_files.Value.Length} files");
        Assert.All(s_files.Value, text => Assert.Equal(Theirs(text), Ours(text)));
    }

    [Fact]
    public void Texts_of_each_construct_are_read_or_refused_as_by_another_implementation() =>
        Assert.All(s_texts, text => Assert.Equal(Theirs(text), Ours(text)));

    [Property(100)]
    public void Changed_texts_are_refused_or_read_as_by_another_implementation(int seed)
    {
        Random random = new(seed);
        for (int i = 0; i < LongRun.Count(20, 2_000); i++)
        {
            // YamlDotNet misreads an asterisk inside plain text.
            string text = Change(random, s_texts[random.Next(s_texts.Length)]);
            if (Ours(text) is string tree && !text.Contains('*', StringComparison.Ordinal) && text.TrimStart() is not ['|' or '>', ..])
            {
                string? expected = Theirs(text, out string? refusal);
                Assert.True(expected == tree || (refusal is not null && s_theirErrors.Any(refusal.Contains)),
                    $"\n{text}\n--- was read as\n{tree}\n--- and not as\n{expected}{refusal}");
            }
        }
    }

    private static string Change(Random random, string text)
    {
        const string Marks = " \n:-#'\"[]{},|>ab\\?%&!~1+. \n: - ";
        StringBuilder changed = new(text);
        for (int count = random.Next(1, 5); count > 0; count--)
        {
            int at = random.Next(changed.Length + 1);
            switch (random.Next(3))
            {
                case 0 when at < changed.Length:
                    changed.Remove(at, 1);
                    break;
                case 1 when at < changed.Length:
                    changed[at] = Marks[random.Next(Marks.Length)];
                    break;
                default:
                    changed.Insert(at, Marks[random.Next(Marks.Length)]);
                    break;
            }
        }

        return changed.ToString();
    }

    /// <summary>The tree with the positions of its nodes; null for a text that is refused.</summary>
    private static string? Ours(string text)
    {
        DiagnosticSink sink = new("text");
        StringBuilder tree = new();
        if (SourceTreeReader.Read(text, sink) is not { } root || sink.Count > 0)
        {
            return null;
        }

        Write(tree, root);
        return tree.ToString();
    }

    private static void Write(StringBuilder tree, SourceNode node)
    {
        switch (node)
        {
            case ScalarNode scalar:
                WriteScalar(tree, scalar.Value, scalar.Position.Line, scalar.Position.Column);
                break;
            case ListNode list:
                tree.Append(CultureInfo.InvariantCulture, $"[{list.Position.Line},{list.Position.Column}\n");
                foreach (SourceNode item in list.Items)
                {
                    Write(tree, item);
                }

                tree.Append("]\n");
                break;
            case MapNode map:
                tree.Append("{\n");   // YamlDotNet gives [key: value] the position of the bracket
                foreach ((ScalarNode key, SourceNode value) in map.Entries)
                {
                    Write(tree, key);
                    Write(tree, value);
                }

                tree.Append("}\n");
                break;
        }
    }

    private static void WriteScalar(StringBuilder tree, string value, long line, long column) => tree.Append(
        value.Length == 0 ? "nothing\n" : string.Create(CultureInfo.InvariantCulture, $"{line},{column} {Uri.EscapeDataString(value)}\n"));

    private static string? Theirs(string text) => Theirs(text, out _);

    private static string? Theirs(string text, out string? refusal)
    {
        refusal = null;
        StringBuilder tree = new();
        try
        {
            Parser parser = new(new StringReader(text));
            int documents = 0;
            while (parser.MoveNext())
            {
                ParsingEvent current = parser.Current!;
                if (current is DocumentStart && ++documents > 1)
                {
                    return null;
                }

                WriteEvent(tree, current);
                if (current is AnchorAlias or NodeEvent { Anchor.IsEmpty: false } or NodeEvent { Tag.IsEmpty: false })
                {
                    return null;
                }
            }

            return documents == 0 ? "nothing\n" : tree.ToString();
        }
        catch (Exception e) when (e is YamlException or InvalidOperationException or EndOfStreamException or ArgumentException)
        {
            refusal = e.Message;
            return null;
        }
    }

    private static void WriteEvent(StringBuilder tree, ParsingEvent current)
    {
        switch (current)
        {
            case Scalar scalar:
                WriteScalar(tree, scalar.Value, scalar.Start.Line, scalar.Start.Column);
                break;
            case SequenceStart:
                tree.Append(CultureInfo.InvariantCulture, $"[{current.Start.Line},{current.Start.Column}\n");
                break;
            case MappingStart:
                tree.Append("{\n");
                break;
            case SequenceEnd or MappingEnd:
                tree.Append(current is SequenceEnd ? "]\n" : "}\n");
                break;
        }
    }
}
