namespace Estream.Wire.Settings;

/// <summary>The limits of settings that many adapters share.</summary>
public static class SettingLimits
{
    /// <summary>A day in milliseconds.</summary>
    public const int DayMs = 86_400_000;

    /// <summary>A day in seconds.</summary>
    public const int DaySeconds = 86_400;
}
