using Estream.Client;
using Estream.Esf.Schema.Internal;
using Estream.Queue;

namespace Estream.Cli.Data;

/// <summary>The data folder of a host: queues/NAME, maps/NAME, schemas/*.esf.yaml.</summary>
internal sealed class DataFolder(string root)
{
    public const string Queues = "queues";

    public const string Maps = "maps";

    private const string Schemas = "schemas";

    /// <summary>The folder of the host's internal queues, such as sys/audit.</summary>
    private const string System = "sys";

    /// <summary>Returns the directory of a queue or map. An argument with a '/' is a path; any other argument is a name below
    /// <paramref name="kind"/>.</summary>
    /// <exception cref="CliException">The directory does not exist. The message lists the existing names.</exception>
    public string Resolve(string kind, string argument)
    {
        bool isPath = IsPath(kind, argument);
        string directory = PathOf(kind, argument);
        if (Directory.Exists(directory))
        {
            return directory;
        }

        string what = kind.TrimEnd('s');
        if (isPath)
        {
            throw new CliException($"The {what} '{argument}' does not exist: the path is not a directory. Check the path.");
        }

        string[] names = [.. List(kind)];
        string known = names.Length == 0 ? "none exist" : $"existing: {string.Join(", ", names)}";
        throw new CliException(
            $"The {what} '{argument}' does not exist in '{Path.GetFullPath(Path.Combine(root, kind))}' ({known})."
            + $"{NearestName.Hint(argument, names)} Set ESTREAM_DATA to the data folder of the host, or give a path.");
    }

    /// <summary>Returns the directory of a queue or map, which may not exist. The name of a partition is <c>trades.0003</c>, as in a host,
    /// or <c>trades/0003</c>, like its directory.</summary>
    public string PathOf(string kind, string argument)
    {
        if (IsPath(kind, argument))
        {
            return argument;
        }

        string directory = Path.Combine(root, kind, argument);
        return kind == Queues && PartitionDirectory(argument) is { } partition && !Directory.Exists(directory) ? partition : directory;
    }

    /// <summary>Returns the names of all queues or maps, sorted.</summary>
    public IEnumerable<string> List(string kind)
    {
        string folder = Path.Combine(root, kind);
        return Directory.Exists(folder)
            ? Directory.GetDirectories(folder).Select(path => Path.GetFileName(path)).Where(name => kind != Queues || name != System)
                .Order(StringComparer.Ordinal)
            : [];
    }

    // A queue of the host is below 'sys/', and a partition below its queue.
    private bool IsPath(string kind, string argument) => argument.Contains('/')
        && !(kind == Queues && (argument.StartsWith($"{System}/", StringComparison.Ordinal) || IsPartition(argument)));

    private bool IsPartition(string argument) =>
        argument.Split('/') is [{ Length: > 0 } queue, { Length: 4 } number] && queue[0] != '.' && number.All(char.IsAsciiDigit)
            && Directory.Exists(Path.Combine(root, Queues, queue, number));

    private string? PartitionDirectory(string argument) => PartitionName.TryParse(argument, out string queue, out _)
        && Path.Combine(root, Queues, queue) is var directory && PartitionedQueue.IsPartitioned(directory)
        ? Path.Combine(directory, argument[(queue.Length + 1)..]) : null;

    /// <summary>Returns the schema files that the host has stored in the data folder, newest first.</summary>
    public IEnumerable<string> SchemaFiles()
    {
        string folder = Path.Combine(root, Schemas);
        return Directory.Exists(folder) ? Directory.GetFiles(folder, "*.esf.yaml").OrderByDescending(File.GetLastWriteTimeUtc)
            .ThenBy(file => file, StringComparer.Ordinal) : [];
    }
}
