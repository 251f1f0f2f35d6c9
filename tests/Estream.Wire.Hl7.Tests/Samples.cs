using System.Text;
using Estream.Testing;

namespace Estream.Wire.Hl7.Tests;

/// <summary>The third-party samples, with the line ends of MLLP.</summary>
internal static class Samples
{
    private static readonly string s_folder =
        RepositoryRoot.Combine("tests", "Estream.Wire.Hl7.Tests", "Samples", "fhir-converter");

    /// <summary>The names of the files, in order.</summary>
    public static IReadOnlyList<string> All { get; } =
        [.. Directory.EnumerateFiles(s_folder, "*.hl7").Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];

    /// <summary>The names as the data of a theory.</summary>
    public static TheoryData<string> Names => [.. All];

    /// <summary>Returns a sample as a sender transmits it: without a byte order mark, each segment ended by CR.</summary>
    public static byte[] Read(string name)
    {
        string text = File.ReadAllText(Path.Combine(s_folder, name)).TrimStart('\uFEFF');
        return Encoding.UTF8.GetBytes(text.ReplaceLineEndings("\r").Trim('\r') + "\r");
    }

    /// <summary>Returns a sample as it is on disk.</summary>
    public static byte[] ReadFile(string name) => File.ReadAllBytes(Path.Combine(s_folder, name));
}
