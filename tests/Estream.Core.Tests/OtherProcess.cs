using Estream.Testing;

namespace Estream.Core.Tests;

/// <summary>The test program that acts as the other process.</summary>
internal static class OtherProcess
{
    public static string Assembly => BuiltProgram.Find("tests/Estream.Queue.TestProcess", "Estream.Queue.TestProcess.dll");
}
