namespace Estream.Scenarios.Harness;

/// <summary>Whether the files of an <c>estream</c> row are what they are said to be: mapped by a second process, too.</summary>
internal static class SharedStorage
{
    /// <summary>Refuses a row on storage that is not shared.</summary>
    /// <param name="row">Scenario, case and implementation, for the message.</param>
    /// <param name="directory">Where the contender has its files: one queue, map or region, or a directory for each.</param>
    /// <param name="contender">The contender's process id.</param>
    /// <exception cref="ScenarioException">There are no files, or some of them only the contender has open.</exception>
    public static void Require(string row, string directory, int contender)
    {
        HashSet<string> own = MappedBelow(directory, contender);
        if (own.Count == 0)
        {
            throw new ScenarioException($"{row}: maps no file below '{directory}', so it is not the row it claims to be");
        }

        HashSet<string> shared = [.. Processes().Where(id => id != contender).SelectMany(id => MappedBelow(directory, id))];
        if (own.FirstOrDefault(part => !shared.Contains(part)) is { } alone)
        {
            throw new ScenarioException(
                $"{row}: no second process has '{Path.Combine(directory, alone)}' open, so it is not the row it claims to be");
        }
    }

    private static IEnumerable<int> Processes() => Directory.EnumerateDirectories("/proc")
        .Select(path => int.TryParse(Path.GetFileName(path), out int id) ? id : 0)
        .Where(id => id != 0);

    /// <summary>
    /// The parts of a directory of which a process has files mapped: its subdirectories, and <c>.</c> for files that lie in it.
    /// Empty where the process has ended or may not be looked at.
    /// </summary>
    private static HashSet<string> MappedBelow(string directory, int process)
    {
        // The kernel shows real paths, so a link on the way to the directory must not count.
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
