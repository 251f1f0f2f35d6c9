namespace Estream.Wire.Mqtt.Internal;

/// <summary>Options are checked without knowing where they come from; this puts the place of their settings in front of a refusal's key.</summary>
internal static class FullKeys
{
    /// <exception cref="WireConfigurationException">The check refuses something.</exception>
    public static void In(WireSettings settings, Action check)
    {
        try
        {
            check();
        }
        catch (WireConfigurationException failure)
        {
            throw new WireConfigurationException(settings.KeyOf(failure.Key), failure.Message[(failure.Key.Length + 2)..], failure);
        }
    }
}
