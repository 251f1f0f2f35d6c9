namespace Estream.Host.Configuration;

/// <summary>Reads a small file with a secret. No message contains its content.</summary>
internal static class SecretFile
{
    /// <summary>Returns the text; null if reading it added an error, or if the path is invalid, which the schema check reports.</summary>
    /// <param name="file">The path.</param>
    /// <param name="setting">The setting that names the file.</param>
    /// <param name="maxLength">The maximum size in bytes.</param>
    /// <param name="what">The kind of file in messages, such as "token file".</param>
    /// <param name="errors">Receives errors.</param>
    public static string? Read(string file, string setting, int maxLength, string what, SettingErrors errors)
    {
        try
        {
            return Core.SecretFile.ReadText(file, what, maxLength);
        }
        catch (Core.EstreamStorageException e)
        {
            errors.Add(setting, $"cannot be used: {e.Message}");
            return null;
        }
        catch (ArgumentException)
        {
            // Not a valid path, which the schema check reports.
            return null;
        }
    }
}
