namespace Estream.Host.Configuration;

/// <summary>Reads a small file that holds a secret. What is in it is in no message.</summary>
internal static class SecretFile
{
    /// <summary>The text; null when reading it added an error, or the shape has found already that there is no such path.</summary>
    /// <param name="file">Its path.</param>
    /// <param name="setting">The setting that names it.</param>
    /// <param name="maxLength">The most bytes it may have.</param>
    /// <param name="what">What it is called in messages, such as "token file".</param>
    /// <param name="errors">Where a mistake goes.</param>
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
            // No path at all, which the check of the shape has found already.
            return null;
        }
    }
}
