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
        [.. Directory.EnumerateFiles(s_folder, "*.hl7", SearchOption.AllDirectories).Select(file => Path.GetFileName(file))
            .Order(StringComparer.Ordinal)];

    /// <summary>The samples whose senders ask for one acknowledgement of success. The others ask in MSH-15 and MSH-16 for none or for two,
    /// for which many senders do not wait.</summary>
    public static IReadOnlyList<string> AcknowledgedOnce { get; } = [.. All.Where(name =>
    {
        string[] header = Encoding.UTF8.GetString(Read(name)).Split('\r')[0].Split('|');
        string[] asked = [.. header.Skip(14).Take(2).Where(one => one.Length > 0)];
        return asked.Length == 0 || asked.Count(one => one is "AL" or "SU") == 1;
    })];

    /// <summary>The names as the data of a theory.</summary>
    public static TheoryData<string> Names => [.. All];

    /// <summary>Returns a sample as a sender transmits it: without a byte order mark, each segment ended by CR.</summary>
    public static byte[] Read(string name)
    {
        string text = File.ReadAllText(PathOf(name)).TrimStart('\uFEFF');
        return Encoding.UTF8.GetBytes(text.ReplaceLineEndings("\r").Trim('\r') + "\r");
    }

    /// <summary>Returns a sample as it is on disk.</summary>
    public static byte[] ReadFile(string name) => File.ReadAllBytes(PathOf(name));

    private static string PathOf(string name) =>
        Directory.EnumerateFiles(s_folder, name, SearchOption.AllDirectories).Single();
}
