namespace Estream.Host.Configuration;

/// <summary>Reads a small file that holds a secret. What is in it is in no message.</summary>
internal static class SecretFile
{
    /// <summary>The text; null when reading it added an error, or the shape has found already that there is no such path.</summary>
    /// <param name="file">Its path.</param>
    /// <param name="setting">The setting that names it.</param>
    /// <param name="maxLength">The most bytes it may have.</param>
    /// <param name="what">What it takes, where it is longer.</param>
    /// <param name="errors">Where a mistake goes.</param>
    public static string? Read(string file, string setting, int maxLength, string what, SettingErrors errors)
    {
        try
        {
            if (new FileInfo(file).Length > maxLength)
            {
                errors.Add(setting, $"names {file}, which is longer than {maxLength} bytes: {what}.");
                return null;
            }

            return File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            errors.Add(setting, $"cannot be read: {e.Message}");
            return null;
        }
        catch (ArgumentException)
        {
            // No path at all, which the check of the shape has found already.
            return null;
        }
    }
}
