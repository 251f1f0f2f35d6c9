namespace Estream.Cli.Data;

/// <summary>The folder a host keeps: queues/NAME, maps/NAME, schemas/*.esf.yaml.</summary>
internal sealed class DataFolder(string root)
{
    public const string Queues = "queues";

    public const string Maps = "maps";

    private const string Schemas = "schemas";

    /// <summary>The folder of the queues that a host keeps for itself, such as sys/audit.</summary>
    private const string System = "sys";

    /// <summary>The directory a queue or map is in. An argument with a '/' is a path; any other is a name below
    /// <paramref name="kind"/>.</summary>
    /// <exception cref="CliException">There is no such directory; the message lists those there are.</exception>
    public string Resolve(string kind, string argument)
    {
        bool isPath = argument.Contains('/') && !(kind == Queues && argument.StartsWith($"{System}/", StringComparison.Ordinal));
        string directory = isPath ? argument : Path.Combine(root, kind, argument);
        if (Directory.Exists(directory))
        {
            return directory;
        }

        string what = kind.TrimEnd('s');
        if (isPath)
        {
            throw new CliException($"there is no {what} at '{argument}': the directory does not exist");
        }

        string[] names = [.. List(kind)];
        string known = names.Length == 0 ? "there is none" : $"there are: {string.Join(", ", names)}";
        throw new CliException(
            $"there is no {what} '{argument}' in '{Path.Combine(root, kind)}' ({known}); set ESTREAM_DATA to the host's data folder, or "
            + "give a path");
    }

    /// <summary>The names of the queues or maps there are, in order.</summary>
    public IEnumerable<string> List(string kind)
    {
        string folder = Path.Combine(root, kind);
        return Directory.Exists(folder)
            ? Directory.GetDirectories(folder).Select(path => Path.GetFileName(path)).Where(name => kind != Queues || name != System)
                .Order(StringComparer.Ordinal)
            : [];
    }

    /// <summary>The schema files the host has written beside the data, newest first.</summary>
    public IEnumerable<string> SchemaFiles()
    {
        string folder = Path.Combine(root, Schemas);
        return Directory.Exists(folder) ? Directory.GetFiles(folder, "*.esf.yaml").OrderByDescending(File.GetLastWriteTimeUtc)
            .ThenBy(file => file, StringComparer.Ordinal) : [];
    }
}
