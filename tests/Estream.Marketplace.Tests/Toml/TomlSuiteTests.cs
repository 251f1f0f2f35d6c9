using System.Text.Json;
using Estream.Marketplace.Toml;
using Estream.Testing;

namespace Estream.Marketplace.Tests.Toml;

/// <summary>Runs the reader and its decoder program on the whole conformance suite.</summary>
public sealed class TomlSuiteTests
{
    public static TheoryData<string> Valid => [.. TomlSuite.Valid];

    public static TheoryData<string> Invalid => [.. TomlSuite.Invalid];

    [Fact]
    public void TOML_test_suite_is_complete()
    {
        Assert.Equal(147, TomlSuite.Valid.Count);
        Assert.Equal(321, TomlSuite.Invalid.Count);
    }

    [Theory]
    [MemberData(nameof(Valid))]
    public void Valid_files_of_the_suite_read_as_expected(string name)
    {
        TomlReadResult result = TomlReader.Read(TomlSuite.Toml(name));
        Assert.True(result.Root is not null, result.Error?.ToString());
        TomlSuite.AssertSame(TomlSuite.Expected(name), TaggedJson.Of(result.Root));
    }

    [Theory]
    [MemberData(nameof(Invalid))]
    public void Invalid_files_of_the_suite_are_rejected(string name)
    {
        TomlReadResult result = TomlReader.Read(TomlSuite.Toml(name));
        Assert.Null(result.Root);
        Assert.NotEmpty(result.Error!.Message);
    }

    [Fact]
    public async Task Decoder_program_prints_valid_files_and_rejects_invalid_ones()
    {
        // Starts one process per file: a sample in normal runs, all files in long runs.
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
