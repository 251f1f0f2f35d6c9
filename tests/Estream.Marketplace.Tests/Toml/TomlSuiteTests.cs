using System.Text.Json;
using Estream.Marketplace.Toml;
using Estream.Testing;

namespace Estream.Marketplace.Tests.Toml;

/// <summary>The reader, and the program of it, on the whole conformance suite.</summary>
public sealed class TomlSuiteTests
{
    public static TheoryData<string> Valid => [.. TomlSuite.Valid];

    public static TheoryData<string> Invalid => [.. TomlSuite.Invalid];

    [Fact]
    public void The_suite_is_whole()
    {
        Assert.Equal(147, TomlSuite.Valid.Count);
        Assert.Equal(321, TomlSuite.Invalid.Count);
    }

    [Theory]
    [MemberData(nameof(Valid))]
    public void What_is_valid_is_read_as_it_should(string name)
    {
        TomlReadResult result = TomlReader.Read(TomlSuite.Toml(name));
        Assert.True(result.Root is not null, result.Error?.ToString());
        TomlSuite.AssertSame(TomlSuite.Expected(name), TaggedJson.Of(result.Root));
    }

    [Theory]
    [MemberData(nameof(Invalid))]
    public void What_is_not_valid_is_refused(string name)
    {
        TomlReadResult result = TomlReader.Read(TomlSuite.Toml(name));
        Assert.Null(result.Root);
        Assert.NotEmpty(result.Error!.Message);
    }

    [Fact]
    public async Task The_program_prints_what_is_valid_and_refuses_the_rest()
    {
        // A process for each file: every day some of them, and all on the long run.
        string[] names = [.. TomlSuite.Valid, .. TomlSuite.Invalid];
        int step = Math.Max(names.Length / LongRun.Count(24, names.Length), 1);
        for (int i = 0; i < names.Length; i += step)
        {
            string name = names[i];
            (int code, string output) = await DecodeAsync(TomlSuite.Toml(name));
            if (name.StartsWith("invalid/", StringComparison.Ordinal))
            {
                Assert.True((code, output) == (1, ""), $"{name}: {code} {output}");
                continue;
            }

            Assert.True(code == 0, name);
            TomlSuite.AssertSame(TomlSuite.Expected(name), JsonDocument.Parse(output).RootElement);
        }
    }

    private static async Task<(int Code, string Output)> DecodeAsync(byte[] toml)
    {
        using ChildProcess child = ChildProcess.StartDotnet(BuiltProgram.Find("tests/Tools/TomlDecoder", "TomlDecoder.dll"), []);
        await child.Input.BaseStream.WriteAsync(toml);
        child.Input.Close();
        ProcessResult result = child.WaitForExit();
        return (result.ExitCode, result.Output);
    }
}
