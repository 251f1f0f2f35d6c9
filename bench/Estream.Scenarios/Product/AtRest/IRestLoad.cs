namespace Estream.Scenarios.Product;

/// <summary>A server in another process, and its light load while its processor time is measured.</summary>
internal interface IRestLoad : IDisposable
{
    /// <summary>The process of the server.</summary>
    int ProcessId { get; }

    /// <summary>Gives the server its work for a time, and returns when the work is done.</summary>
    /// <returns>A number that is the same for the same work.</returns>
    ulong Run(TimeSpan time);

    /// <summary>Throws if the server has not done its work. Not part of the measured time.</summary>
    void RequireWhole();
}
