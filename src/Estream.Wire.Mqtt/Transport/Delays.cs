namespace Estream.Wire.Mqtt.Internal;

/// <summary>Waiting that ends early, without an exception, when it is cancelled.</summary>
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
            // The caller looks at the token.
        }
    }
}
