using Estream.Testing;

namespace Estream.Esf.Tests.Golden;

/// <summary>
/// A committed text file with which a test compares its output. <c>ESTREAM_ACCEPT=1</c> rewrites the file, so that a change of the output
/// is visible in review.
/// </summary>
internal static class GoldenFile
{
    public static string PathOf(params string[] parts) => RepositoryRoot.Combine(["tests", "Estream.Esf.Tests", .. parts]);

    public static void AssertSame(string path, string actual)
    {
        if (Environment.GetEnvironmentVariable("ESTREAM_ACCEPT") == "1")
        {
            File.WriteAllText(path, actual);
        }

        Assert.Equal(File.ReadAllText(path), actual);
    }
}
