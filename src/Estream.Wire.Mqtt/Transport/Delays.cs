namespace Estream.Wire.Mqtt.Internal;

/// <summary>Waits for a time. Cancellation ends the wait early, without an exception.</summary>
internal static class Delays
{
    public static async Task WaitAsync(TimeSpan time, CancellationToken cancellation)
    {
        try
        {
            await Task.Delay(time, cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The caller checks the token.
        }
    }
}
