using System.Reflection;
using Estream.Esf;
using Estream.Esf.Tests.Golden;
using Estream.Testing;

namespace Estream.Circuits.Tests;

/// <summary>Every error in circuit files, with its message. The golden file contains both.</summary>
public sealed class CircuitErrorTests
{
    private static readonly string s_path = RepositoryRoot.Combine("tests", "Estream.Circuits.Tests", "Golden", "circuit-errors.txt");

    [Fact]
    public void Every_error_has_the_message_of_the_golden_file() => GoldenCases.AssertSame(s_path, ErrorsOf);

    [Fact]
    public void Every_diagnostic_code_has_a_golden_case()
    {
        IEnumerable<string> codes = typeof(CircuitCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(field => (string)field.GetRawConstantValue()!);
        Assert.Empty(
            codes.Except(GoldenCases.Read(s_path).SelectMany(c => Read(c.Name, c.Input).Diagnostics).Select(mistake => mistake.Code)));
    }

    [Theory]
    [InlineData("types", CircuitLimits.MaxTypes, "{ name: TI, fields: [{ name: a, type: u8 }] }")]
    [InlineData("inputs", CircuitLimits.MaxPorts, "{ name: iI, type: T }")]
    [InlineData("outputs", CircuitLimits.MaxPorts, "{ name: oI, type: T }")]
    [InlineData("compute", CircuitLimits.MaxNodes, "{ id: nI, type: filter, when: \"true\" }")]
    [InlineData("flows", CircuitLimits.MaxFlows, "i -> nI -> o")]
    [InlineData("invariants", CircuitLimits.MaxInvariants, "a == I")]
    public void A_file_beyond_a_limit_is_refused(string key, int limit, string item)
    {
        CircuitReadResult allowed = Read(key, Many(key, limit, item));
        Assert.DoesNotContain(CircuitCodes.Limit, allowed.Diagnostics.Select(mistake => mistake.Code));
        CircuitReadResult refused = Read(key, Many(key, limit + 1, item));
        Assert.Contains(CircuitCodes.Limit, refused.Diagnostics.Select(mistake => mistake.Code));
    }

    [Fact]
    public void The_number_of_paths_to_an_output_is_limited()
    {
        string[] layers = ["a", "b", "c", "d", "e"];
        string[] flows =
        [
            .. Names("a").Select(name => $"i -> {name}"),
            .. layers.Zip(layers[1..])
            .SelectMany(pair => Names(pair.First).SelectMany(from => Names(pair.Second).Select(to => $"{from} -> {to}"))),
            .. Names("e").Select(name => $"{name} -> o"),
        ];

        // Five layers of four nodes have 1,024 paths, which is the limit. One more path is refused.
        CircuitReadResult allowed = Read("ways", Graph(flows));
        Assert.Empty(allowed.Diagnostics);
        CircuitReadResult refused = Read("ways", Graph([.. flows, "i -> o"]));
        Assert.Equal(CircuitCodes.Routes, Assert.Single(refused.Diagnostics).Code);

        static IEnumerable<string> Names(string layer) => Enumerable.Range(0, 4).Select(i => $"{layer}{i}");

        string Graph(string[] all)
        {
            string nodes = string.Concat(layers.SelectMany(Names).Select(name => $"  - {{ id: {name}, type: filter, when: \"true\" }}\n"));
            return "escir_version: \"0.8.0\"\nname: acme.many.v1\nversion: \"1.0.0\"\ntypes: [{ name: T, fields: [{ name: a, type: u8 }] "
                + "}]\ninputs: [{ name: i, type: T }]\n"
                + $"outputs: [{{ name: o, type: T }}]\ncompute:\n{nodes}flows:\n" + string.Concat(all.Select(flow => $"  - {flow}\n"));
        }
    }

    private static string Many(string key, int count, string item)
    {
        Dictionary<string, string[]> parts = new()
        {
            ["types"] = ["{ name: T, fields: [{ name: a, type: u8 }] }"],
            ["inputs"] = ["{ name: i, type: T }"],
            ["outputs"] = ["{ name: o, type: T }"],
            ["compute"] = ["{ id: n0, type: filter, when: \"true\" }"],
            ["flows"] = ["i -> n0 -> o"],
            ["invariants"] = ["a == 1"],
        };

        // Each node has one flow from the input and at least three flows to outputs.
        if (key == "flows")
        {
            parts["compute"] =
                [.. Enumerable.Range(0, CircuitLimits.MaxNodes).Select(i => $"{{ id: n{i}, type: filter, when: \"true\" }}")];
            parts["outputs"] = [.. Enumerable.Range(0, 4).Select(i => $"{{ name: o{i}, type: T }}")];
            parts["flows"] = [.. Enumerable.Range(0, CircuitLimits.MaxNodes).Select(i => $"i -> n{i}"),
                .. Enumerable.Range(0, count - CircuitLimits.MaxNodes)
                .Select(i => $"n{i % CircuitLimits.MaxNodes} -> o{i / CircuitLimits.MaxNodes}")];
        }
        else
        {
            parts[key] =
                [.. parts[key], .. Enumerable.Range(1, count - 1).Select(i => item.Replace("I", $"{i}", StringComparison.Ordinal))];
        }

        return "escir_version: \"0.8.0\"\nname: acme.many.v1\nversion: \"1.0.0\"\n"
            + string.Concat(parts.Select(part => $"{part.Key}:\n" + string.Concat(part.Value.Select(one => $"  - {one}\n"))));
    }

    private static IEnumerable<object> ErrorsOf(string name, string input) => Read(name, input).Diagnostics;

    private static CircuitReadResult Read(string name, string input) =>
        CircuitReader.Read(input, name, EsfSchemaSet.BuiltIn,
            names => throw new EsfSchemaException($"Schema file '{names[0]}' cannot be read", [], names[0]));
}
