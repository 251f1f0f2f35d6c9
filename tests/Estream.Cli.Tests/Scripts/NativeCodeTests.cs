using System.Reflection.PortableExecutable;
using System.Runtime.InteropServices;
using Estream.Testing;

namespace Estream.Cli.Tests.Scripts;

/// <summary>The built programs and their libraries contain native code (src/ReadyToRun.targets), so that they start without the
/// JIT.</summary>
public sealed class NativeCodeTests
{
    [Theory]
    [InlineData("estream.dll")]
    [InlineData("Estream.Queue.dll")]
    [InlineData("System.CommandLine.dll")]
    public void The_command_line_and_its_libraries_contain_native_code(string file) => AssertNativeCode(BuiltProgram.Cli, file);

    [Theory]
    [InlineData("Estream.Host.dll")]
    [InlineData("Estream.Wire.Mqtt.dll")]
    public void The_host_and_its_libraries_contain_native_code(string file) => AssertNativeCode(BuiltProgram.Host, file);

    private static void AssertNativeCode(string program, string file)
    {
        if (BuiltProgram.Configuration != "Release" || RuntimeInformation.OSArchitecture != Architecture.X64)
        {
            return; // Only Release builds for Linux x64 are compiled to native code.
        }

        using PEReader image = new(File.OpenRead(Path.Combine(Path.GetDirectoryName(program)!, file)));
        Assert.True(
            image.PEHeaders.CorHeader!.ManagedNativeHeaderDirectory.Size > 0,
            $"{file} beside {program} contains no native code: see the target CopyReadyToRunImages of src/ReadyToRun.targets");
    }
}
