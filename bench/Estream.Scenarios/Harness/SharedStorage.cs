namespace Estream.Scenarios.Harness;

/// <summary>Checks that a second process has also mapped the files of an <c>estream</c> row.</summary>
internal static class SharedStorage
{
    /// <summary>Rejects a row whose storage is not shared.</summary>
    /// <param name="row">Scenario, case and implementation, for the message.</param>
    /// <param name="directory">The location of the contender's files: one queue, map or region, or a directory for each.</param>
    /// <param name="contender">The contender's process id.</param>
    /// <exception cref="ScenarioException">There are no files, or only the contender has some of them open.</exception>
    public static void Require(string row, string directory, int contender)
    {
        HashSet<string> own = MappedBelow(directory, contender);
        if (own.Count == 0)
        {
            throw new ScenarioException($"{row}: maps no file below '{directory}', so the row does not measure shared storage");
        }

        HashSet<string> shared = [.. Processes().Where(id => id != contender).SelectMany(id => MappedBelow(directory, id))];
        if (own.FirstOrDefault(part => !shared.Contains(part)) is { } alone)
        {
            throw new ScenarioException(
                $"{row}: no second process has '{Path.Combine(directory, alone)}' open, so the row does not measure shared storage");
        }
    }

    private static IEnumerable<int> Processes() => Directory.EnumerateDirectories("/proc")
        .Select(path => int.TryParse(Path.GetFileName(path), out int id) ? id : 0)
        .Where(id => id != 0);

    /// <summary>
    /// Returns the parts of a directory whose files a process has mapped: its subdirectories, and <c>.</c> for files directly in it.
    /// Empty if the process has ended or may not be inspected.
    /// </summary>
    private static HashSet<string> MappedBelow(string directory, int process)
    {
        // The kernel shows real paths, so a symbolic link in the path of the directory must not matter.
        string name = $"/{Path.GetFileName(Path.GetDirectoryName(directory))}/{Path.GetFileName(directory)}/";
        try
        {
            return [.. File.ReadLines($"/proc/{process}/maps").Where(line => line.Contains(name, StringComparison.Ordinal)).Select(PartOf)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }

        string PartOf(string line)
        {
            string[] parts = line[(line.IndexOf(name, StringComparison.Ordinal) + name.Length)..].Split('/');
            return parts.Length > 1 ? parts[0] : ".";
        }
    }
}
