namespace Estream.Testing;

/// <summary>Finds the independent programs that tests run against.</summary>
public static class Peer
{
    /// <summary>Returns the full path of a program on PATH (or in the sbin folders), or null.</summary>
    public static string? Find(string command)
    {
        ArgumentException.ThrowIfNullOrEmpty(command);
        string path = Environment.GetEnvironmentVariable("PATH") ?? "";
        return path.Split(Path.PathSeparator)
            .Concat(["/usr/local/sbin", "/usr/sbin", "/sbin"])
            .Where(folder => folder.Length > 0)
            .Select(folder => Path.Combine(folder, command))
            .FirstOrDefault(File.Exists);
    }

    /// <summary>Returns the full path of a program, for a test whose fact attribute has already found it.</summary>
    /// <exception cref="FileNotFoundException">The program is missing; the message names the Debian package.</exception>
    public static string Require(string command, string debianPackage)
    {
        return Find(command) ?? throw new FileNotFoundException(Missing(command, debianPackage));
    }

    internal static string? SkipReason(string command, string debianPackage)
    {
        return Find(command) is null ? Missing(command, debianPackage) : null;
    }

    private static string Missing(string command, string debianPackage)
    {
        return $"{command} is not installed: apt-get install {debianPackage} (./test.sh does it when run as root on Debian)";
    }
}
