namespace Estream.Stress;

/// <summary>A test whose two threads must run at the same moment; skipped on a machine with one processor.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class TwoProcessorsFactAttribute : FactAttribute
{
    public TwoProcessorsFactAttribute()
    {
        Skip = Environment.ProcessorCount < 2 ? "two threads never run at the same moment on one processor" : null;
    }
}
